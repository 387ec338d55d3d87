package dev.countersign.image.sign;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.ImageException;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.publish.RegistryClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Signs the index and each architecture's image of a layout, attests to SBOM and provenance, and
 * puts all of it beside the image in a registry: in sigstore's bundles as OCI referrers, and under
 * the tags {@code .sig} and {@code .att} that earlier cosign, Podman and CRI-O look at. What is
 * signed is the layout's, whatever the registry serves.
 */
public final class ImageSigner {
  private final Layout layout;
  private final Layout scratch;
  private final SigningKey key;
  private final String builder;

  /**
   * A signer.
   *
   * @param scratch an empty layout for what is made
   * @param builder who built the image, as a URI (SLSA's {@code builder.id})
   */
  public ImageSigner(Layout layout, Layout scratch, SigningKey key, String builder) {
    this.layout = layout;
    this.scratch = scratch;
    this.key = key;
    this.builder = builder;
  }

  /**
   * Signs in a registry that has the image.
   *
   * @return the manifests that are signed now, the index first
   * @throws ImageException where the registry does not have the layout's image
   */
  public List<Digest> sign(RegistryClient registry) throws IOException {
    Descriptor index = layout.image();
    var subjects = new ArrayList<Descriptor>();
    subjects.add(index);
    JsonNode manifest = layout.readJson(index);
    subjects.addAll(Layout.references(index.digest().toString(), manifest));
    for (Descriptor each : subjects) {
      if (registry.manifest(each.digest().toString()).isEmpty()) {
        throw new ImageException(
            registry.repository() + "@" + each.digest(),
            "nothing",
            "the image that is to be signed",
            "push it first");
      }
    }
    for (Descriptor each : subjects) {
      Descriptor subject = Descriptor.of(each.mediaType(), each.digest(), each.size());
      sign(registry, subject, manifest.path("annotations"));
    }
    return subjects.stream().map(Descriptor::digest).toList();
  }

  private void sign(RegistryClient registry, Descriptor subject, JsonNode annotations)
      throws IOException {
    List<JsonNode> documents = sboms(subject.digest());
    var attestations = new ArrayList<Statement>();
    documents.forEach(
        each -> attestations.add(new Statement(subject.digest(), Statement.SPDX, each)));
    attestations.add(
        new Statement(subject.digest(), Statement.PROVENANCE, provenance(annotations, documents)));
    var envelopes = new ArrayList<Descriptor>();
    pushBundle(registry, subject, Statement.signed(subject.digest()));
    for (Statement each : attestations) {
      ObjectNode envelope = pushBundle(registry, subject, each);
      envelopes.add(
          scratch
              .writeJson(SignatureTypes.DSSE, envelope)
              .withAnnotation(SignatureTypes.SIGNATURE, "")
              .withAnnotation("predicateType", each.predicateType()));
    }
    addToTag(registry, SignatureTypes.attestationTag(subject.digest()), envelopes);
    addToTag(
        registry,
        SignatureTypes.signatureTag(subject.digest()),
        List.of(simpleSigning(registry, subject.digest())));
  }

  private List<JsonNode> sboms(Digest subject) throws IOException {
    var documents = new ArrayList<JsonNode>();
    for (Descriptor each : layout.entries()) {
      JsonNode manifest = layout.readJson(each);
      if (manifest.path("subject").path("digest").asText().equals(subject.toString())) {
        for (Descriptor part : Layout.references(each.digest().toString(), manifest)) {
          if (part.mediaType().equals(MediaTypes.SPDX)) {
            documents.add(layout.readJson(part));
          }
        }
      }
    }
    return documents;
  }

  /** SLSA provenance: the lock that decided the build, and everything that was put in. */
  private ObjectNode provenance(JsonNode annotations, List<JsonNode> documents) {
    ObjectNode provenance = JsonNodeFactory.instance.objectNode();
    ObjectNode definition = provenance.putObject("buildDefinition");
    definition.put("buildType", "https://countersign.dev/image-build/v1");
    ObjectNode parameters = definition.putObject("externalParameters");
    parameters.put("lock", annotations.path("dev.countersign.lock").asText());
    for (String each : List.of("source", "revision")) {
      JsonNode value = annotations.path("org.opencontainers.image." + each);
      if (value.isTextual()) {
        parameters.put(each, value.textValue());
      }
    }
    ArrayNode dependencies = definition.putArray("resolvedDependencies");
    var known = new LinkedHashSet<String>();
    for (JsonNode document : documents) {
      for (JsonNode each : document.path("packages")) {
        JsonNode checksum = each.path("checksums").path(0);
        boolean isImage = each.path("SPDXID").asText().equals("SPDXRef-image");
        if (!isImage
            && !checksum.isMissingNode()
            && known.add(checksum.path("checksumValue").asText())) {
          dependency(dependencies.addObject(), each, checksum);
        }
      }
    }
    provenance.putObject("runDetails").putObject("builder").put("id", builder);
    return provenance;
  }

  private static void dependency(ObjectNode into, JsonNode item, JsonNode checksum) {
    JsonNode locator = item.path("externalRefs").path(0).path("referenceLocator");
    if (locator.isTextual()) {
      into.put("uri", locator.textValue());
    }
    into.put("name", item.path("name").asText());
    into.putObject("digest")
        .put(
            checksum.path("algorithm").asText().toLowerCase(java.util.Locale.ROOT),
            checksum.path("checksumValue").asText());
  }

  private Descriptor simpleSigning(RegistryClient registry, Digest subject) throws IOException {
    ObjectNode payload = JsonNodeFactory.instance.objectNode();
    ObjectNode critical = payload.putObject("critical");
    critical
        .putObject("identity")
        .put("docker-reference", registry.repository().host() + "/" + registry.repository().name());
    critical.putObject("image").put("docker-manifest-digest", subject.toString());
    critical.put("type", "cosign container image signature");
    payload.putNull("optional");
    byte[] bytes = payload.toString().getBytes(StandardCharsets.UTF_8);
    return scratch
        .writeBlob(SignatureTypes.SIMPLE_SIGNING, out -> out.write(bytes))
        .withAnnotation(
            SignatureTypes.SIGNATURE, Base64.getEncoder().encodeToString(key.sign(bytes)));
  }

  /** Pushes a statement in a bundle, as a referrer of its subject; returns its envelope. */
  private ObjectNode pushBundle(RegistryClient registry, Descriptor subject, Statement statement)
      throws IOException {
    ObjectNode envelope = Envelope.sign(statement, key);
    Descriptor bundle =
        scratch.writeJson(SignatureTypes.BUNDLE, Envelope.bundle(envelope, key.publicKey()));
    Descriptor empty =
        scratch.writeBlob(
            MediaTypes.EMPTY, out -> out.write("{}".getBytes(StandardCharsets.US_ASCII)));
    ObjectNode manifest = manifest(empty, List.of(bundle));
    manifest.put("artifactType", SignatureTypes.BUNDLE);
    manifest.set("subject", subject.toJson());
    manifest
        .putObject("annotations")
        .put(SignatureTypes.BUNDLE_CONTENT, "dsse-envelope")
        .put(SignatureTypes.BUNDLE_PREDICATE, statement.predicateType());
    Descriptor referrer = scratch.writeJson(MediaTypes.MANIFEST, manifest);
    registry.pushBlob(empty, scratch.blob(empty.digest()));
    registry.pushBlob(bundle, scratch.blob(bundle.digest()));
    registry.pushReferrer(referrer, scratch.readSmall(referrer));
    return envelope;
  }

  /** Adds blobs to the image under one of cosign's tags, beside those of other keys. */
  private void addToTag(RegistryClient registry, String tag, List<Descriptor> added)
      throws IOException {
    var layers = new TreeMap<String, Descriptor>();
    Optional<JsonNode> there = registry.manifest(tag).map(each -> each.json());
    if (there.isPresent()) {
      for (Descriptor each : Layout.references(tag, there.get())) {
        if (!each.mediaType().equals(MediaTypes.CONFIG)) {
          layers.put(each.digest() + " " + each.annotations(), each);
        }
      }
    }
    for (Descriptor each : added) {
      registry.pushBlob(each, scratch.blob(each.digest()));
      layers.put(each.digest() + " " + each.annotations(), each);
    }
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("architecture", "").put("os", "");
    ArrayNode diffIds = config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    layers.values().forEach(each -> diffIds.add(each.digest().toString()));
    config.putObject("config");
    Descriptor written = scratch.writeJson(MediaTypes.CONFIG, config);
    registry.pushBlob(written, scratch.blob(written.digest()));
    Descriptor image =
        scratch.writeJson(MediaTypes.MANIFEST, manifest(written, List.copyOf(layers.values())));
    registry.pushManifest(tag, MediaTypes.MANIFEST, scratch.readSmall(image));
  }

  private static ObjectNode manifest(Descriptor config, List<Descriptor> layers) {
    ObjectNode manifest = JsonNodeFactory.instance.objectNode();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", MediaTypes.MANIFEST);
    manifest.set("config", config.toJson());
    ArrayNode array = manifest.putArray("layers");
    layers.forEach(each -> array.add(each.toJson()));
    return manifest;
  }
}
