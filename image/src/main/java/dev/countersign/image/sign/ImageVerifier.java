package dev.countersign.image.sign;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.image.ImageException;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.publish.ManifestResponse;
import dev.countersign.image.publish.RegistryClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Verifies that a key signed what a registry serves: the index, each architecture's image with
 * every blob of it, and the SBOM where it is attested to. Reads sigstore's bundles and cosign's
 * tags, whoever wrote them.
 */
public final class ImageVerifier {
  private static final int LARGEST_SIGNATURE = 64 << 20;

  private final RegistryClient registry;
  private final CosignPublicKey key;

  /** What is known of the attestations about a manifest. */
  public enum Attested {
    /** It is there, and signed by the key. */
    SIGNED,
    /** It is there without a signature of the key. */
    UNSIGNED,
    /** There is none. */
    NONE
  }

  /** A manifest that is signed. */
  public record Verified(Descriptor manifest, Attested sbom, Attested provenance) {}

  public ImageVerifier(RegistryClient registry, CosignPublicKey key) {
    this.registry = registry;
    this.key = key;
  }

  /**
   * Verifies what is served under a tag or digest.
   *
   * @throws ImageException where a signature is missing, or what is served is not what was signed
   */
  public List<Verified> verify(String reference) throws IOException {
    ManifestResponse served = registry.requiredManifest(reference);
    var verified = new ArrayList<Verified>();
    verified.add(verifyManifest(served.descriptor()));
    for (Descriptor each : references(served)) {
      if (each.isManifest()) {
        verified.add(verifyManifest(each));
        ManifestResponse platform = registry.requiredManifest(each.digest().toString());
        for (Descriptor blob : references(platform)) {
          registry.pullBlob(blob, OutputStream.nullOutputStream());
        }
      } else {
        registry.pullBlob(each, OutputStream.nullOutputStream());
      }
    }
    return verified;
  }

  private static List<Descriptor> references(ManifestResponse response) {
    return Layout.references(response.descriptor().digest().toString(), response.json());
  }

  private Verified verifyManifest(Descriptor manifest) throws IOException {
    Digest digest = manifest.digest();
    var envelopes = new ArrayList<JsonNode>();
    var sboms = new ArrayList<JsonNode>();
    for (Descriptor each : registry.referrers(digest)) {
      readReferrer(each, envelopes, sboms);
    }
    List<Descriptor> attestations = tagged(SignatureTypes.attestationTag(digest));
    for (Descriptor each : attestations) {
      if (each.mediaType().equals(SignatureTypes.DSSE)) {
        envelopes.add(json(each));
      }
    }
    List<Descriptor> signatures = tagged(SignatureTypes.signatureTag(digest));
    boolean signed = !statements(envelopes, digest, Statement.SIGNED).isEmpty();
    for (Descriptor each : signatures) {
      signed = signed || isSigned(each, digest);
    }
    if (!signed) {
      boolean others = !signatures.isEmpty() || !envelopes.isEmpty();
      throw new ImageException(
          registry.repository() + "@" + digest,
          others ? "signatures, but none of this key for this image" : "no signature",
          "a signature of the key");
    }
    List<JsonNode> attested = new ArrayList<>();
    statements(envelopes, digest, Statement.SPDX)
        .forEach(each -> attested.add(each.path("predicate")));
    return new Verified(
        manifest,
        sbom(digest, sboms, attested),
        statements(envelopes, digest, Statement.PROVENANCE).isEmpty()
            ? Attested.NONE
            : Attested.SIGNED);
  }

  /** An SBOM that is there must be one of those that were signed, where any was. */
  private Attested sbom(Digest digest, List<JsonNode> sboms, List<JsonNode> attested) {
    if (attested.isEmpty()) {
      return sboms.isEmpty() ? Attested.NONE : Attested.UNSIGNED;
    }
    for (JsonNode each : sboms) {
      if (!attested.contains(each)) {
        throw new ImageException(
            registry.repository() + "@" + digest,
            "an SBOM that is not the one that was signed",
            "the signed SBOM");
      }
    }
    return Attested.SIGNED;
  }

  /** What a referrer has: its own type counts, as some clients list it by another. */
  private void readReferrer(Descriptor referrer, List<JsonNode> envelopes, List<JsonNode> sboms)
      throws IOException {
    Optional<ManifestResponse> manifest = registry.manifest(referrer.digest().toString());
    if (manifest.isEmpty()) {
      return;
    }
    for (Descriptor each : references(manifest.get())) {
      switch (each.mediaType()) {
        case SignatureTypes.BUNDLE -> envelopes.add(json(each).path("dsseEnvelope"));
        case MediaTypes.SPDX -> sboms.add(json(each));
        case null, default -> {}
      }
    }
  }

  private List<Descriptor> tagged(String tag) throws IOException {
    Optional<ManifestResponse> manifest = registry.manifest(tag);
    return manifest.isEmpty() ? List.of() : references(manifest.get());
  }

  private boolean isSigned(Descriptor layer, Digest digest) throws IOException {
    String signature = layer.annotations().get(SignatureTypes.SIGNATURE);
    if (!layer.mediaType().equals(SignatureTypes.SIMPLE_SIGNING) || signature == null) {
      return false;
    }
    byte[] payload = blob(layer);
    JsonNode critical = Layout.parse(layer.digest().toString(), payload).path("critical");
    return critical.path("image").path("docker-manifest-digest").asText().equals(digest.toString())
        && critical.path("type").asText().equals("cosign container image signature")
        && key.verifies(
            payload,
            Envelope.decode(
                com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.textNode(signature)));
  }

  private List<JsonNode> statements(List<JsonNode> envelopes, Digest digest, String type) {
    var statements = new ArrayList<JsonNode>();
    for (JsonNode each : envelopes) {
      Envelope.verified(each, key)
          .map(payload -> Layout.parse("statement about " + digest, payload))
          .filter(statement -> Statement.matches(statement, digest, type))
          .ifPresent(statements::add);
    }
    return statements;
  }

  private JsonNode json(Descriptor descriptor) throws IOException {
    return Layout.parse(descriptor.digest().toString(), blob(descriptor));
  }

  private byte[] blob(Descriptor descriptor) throws IOException {
    if (descriptor.size() > LARGEST_SIGNATURE) {
      throw new ImageException(
          descriptor.digest().toString(),
          descriptor.size() + " bytes",
          "at most " + LARGEST_SIGNATURE);
    }
    var bytes = new ByteArrayOutputStream();
    registry.pullBlob(descriptor, bytes);
    return bytes.toByteArray();
  }
}
