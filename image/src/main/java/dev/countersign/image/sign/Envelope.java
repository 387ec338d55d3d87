package dev.countersign.image.sign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Signed statements: DSSE envelopes (DSSE 1.0), and sigstore's bundles (v0.3) around them. */
final class Envelope {
  private static final String TYPE = "application/vnd.in-toto+json";

  private Envelope() {}

  /** What is signed in place of the payload: DSSE's pre-authentication encoding. */
  private static byte[] encoding(String type, byte[] payload) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        ("DSSEv1 "
                + type.getBytes(StandardCharsets.UTF_8).length
                + " "
                + type
                + " "
                + payload.length
                + " ")
            .getBytes(StandardCharsets.UTF_8));
    out.writeBytes(payload);
    return out.toByteArray();
  }

  /** Signs a statement. */
  static ObjectNode sign(Statement statement, SigningKey key) {
    byte[] payload = statement.toBytes();
    ObjectNode envelope = JsonNodeFactory.instance.objectNode();
    envelope.put("payloadType", TYPE);
    envelope.put("payload", Base64.getEncoder().encodeToString(payload));
    envelope
        .putArray("signatures")
        .addObject()
        .put("sig", Base64.getEncoder().encodeToString(key.sign(encoding(TYPE, payload))));
    return envelope;
  }

  /** Puts an envelope into a bundle, with what finds the key. */
  static ObjectNode bundle(ObjectNode envelope, CosignPublicKey key) {
    ObjectNode bundle = JsonNodeFactory.instance.objectNode();
    bundle.put("mediaType", SignatureTypes.BUNDLE);
    bundle.putObject("verificationMaterial").putObject("publicKey").put("hint", key.hint());
    bundle.set("dsseEnvelope", envelope);
    return bundle;
  }

  /** The payload's bytes, where one of the signatures is the key's. */
  static Optional<byte[]> verified(JsonNode envelope, CosignPublicKey key) {
    byte[] payload = decode(envelope.path("payload"));
    byte[] signed = encoding(envelope.path("payloadType").asText(), payload);
    if (!envelope.path("payloadType").asText().equals(TYPE)) {
      return Optional.empty();
    }
    for (JsonNode each : envelope.path("signatures")) {
      if (key.verifies(signed, decode(each.path("sig")))) {
        return Optional.of(payload);
      }
    }
    return Optional.empty();
  }

  /** What base64 stands for; nothing where it is none, which then verifies as nothing. */
  static byte[] decode(JsonNode text) {
    try {
      return Base64.getDecoder().decode(text.asText());
    } catch (IllegalArgumentException unreadable) {
      return new byte[0];
    }
  }
}
