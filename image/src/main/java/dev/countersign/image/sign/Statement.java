package dev.countersign.image.sign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.plan.Digest;
import java.nio.charset.StandardCharsets;

/**
 * What is said about a manifest (in-toto attestation framework, Statement v1).
 *
 * @param subject the manifest's digest
 * @param predicate missing where the type says it all
 */
record Statement(Digest subject, String predicateType, JsonNode predicate) {
  /** The manifest is signed. */
  static final String SIGNED = "https://sigstore.dev/cosign/sign/v1";

  /** The predicate is its SBOM, an SPDX document. */
  static final String SPDX = "https://spdx.dev/Document";

  /** The predicate is how it was built (SLSA). */
  static final String PROVENANCE = "https://slsa.dev/provenance/v1";

  static Statement signed(Digest subject) {
    return new Statement(subject, SIGNED, JsonNodeFactory.instance.missingNode());
  }

  byte[] toBytes() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("_type", "https://in-toto.io/Statement/v1");
    node.putArray("subject")
        .addObject()
        .putObject("digest")
        .put(subject.algorithm().word(), subject.hex());
    node.put("predicateType", predicateType);
    if (!predicate.isMissingNode()) {
      node.set("predicate", predicate);
    }
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a statement in JSON is about the manifest and of the type. */
  static boolean matches(JsonNode statement, Digest subject, String predicateType) {
    if (!statement.path("_type").asText().startsWith("https://in-toto.io/Statement/")
        || !statement.path("predicateType").asText().equals(predicateType)) {
      return false;
    }
    for (JsonNode each : statement.path("subject")) {
      if (each.path("digest").path(subject.algorithm().word()).asText().equals(subject.hex())) {
        return true;
      }
    }
    return false;
  }
}
