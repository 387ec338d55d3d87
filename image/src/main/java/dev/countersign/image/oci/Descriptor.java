package dev.countersign.image.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Digest;
import java.util.Collections;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Says what some content is without being it (OCI image specification, descriptor.md). Immutable.
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Optional<Architecture> platform,
    Optional<String> artifactType,
    SortedMap<String, String> annotations) {

  public Descriptor {
    Objects.requireNonNull(mediaType, "mediaType");
    Objects.requireNonNull(digest, "digest");
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  public static Descriptor of(String mediaType, Digest digest, long size) {
    return new Descriptor(
        mediaType, digest, size, Optional.empty(), Optional.empty(), new TreeMap<>());
  }

  /**
   * How a manifest with a subject stands in a list of referrers: with its own artifact type, else
   * that of its config, and its annotations (distribution specification, referrers tag schema).
   */
  public static Descriptor ofReferrer(Descriptor referrer, JsonNode manifest) {
    String type =
        manifest.path("artifactType").asText(manifest.path("config").path("mediaType").asText());
    return new Descriptor(
        referrer.mediaType(),
        referrer.digest(),
        referrer.size(),
        Optional.empty(),
        type.isEmpty() ? Optional.empty() : Optional.of(type),
        texts(manifest.path("annotations")));
  }

  private static SortedMap<String, String> texts(JsonNode object) {
    var texts = new TreeMap<String, String>();
    object.properties().forEach(each -> texts.put(each.getKey(), each.getValue().asText()));
    return texts;
  }

  public Descriptor withPlatform(Architecture architecture) {
    return new Descriptor(
        mediaType, digest, size, Optional.of(architecture), artifactType, annotations);
  }

  public Descriptor withArtifactType(String type) {
    return new Descriptor(mediaType, digest, size, platform, Optional.of(type), annotations);
  }

  public Descriptor withAnnotation(String key, String value) {
    var more = new TreeMap<>(annotations);
    more.put(key, value);
    return new Descriptor(mediaType, digest, size, platform, artifactType, more);
  }

  /** Whether it describes a manifest or an index, so that it can refer to more. */
  public boolean isManifest() {
    return mediaType.equals(MediaTypes.MANIFEST)
        || mediaType.equals(MediaTypes.DOCKER_MANIFEST)
        || isIndex();
  }

  public boolean isIndex() {
    return mediaType.equals(MediaTypes.INDEX) || mediaType.equals(MediaTypes.DOCKER_LIST);
  }

  /** The descriptor as it stands in a manifest, its keys always in one order. */
  public ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("mediaType", mediaType);
    artifactType.ifPresent(type -> node.put("artifactType", type));
    node.put("digest", digest.toString());
    node.put("size", size);
    platform.ifPresent(
        architecture -> {
          ObjectNode inner = node.putObject("platform");
          inner.put("architecture", architecture.word());
          inner.put("os", "linux");
          architecture.ociVariant().ifPresent(variant -> inner.put("variant", variant));
        });
    if (!annotations.isEmpty()) {
      ObjectNode inner = node.putObject("annotations");
      annotations.forEach(inner::put);
    }
    return node;
  }

  /**
   * Reads a descriptor.
   *
   * @throws ImageException where it has no digest or size
   */
  public static Descriptor parse(String name, JsonNode node) {
    Digest digest =
        Digest.parse(node.path("digest").asText())
            .orElseThrow(
                () ->
                    new ImageException(
                        name + ".digest", node.path("digest").toString(), "sha256:hexadecimal"));
    if (!node.path("size").canConvertToLong() || node.path("size").asLong() < 0) {
      throw new ImageException(name + ".size", node.path("size").toString(), "a size in bytes");
    }
    return new Descriptor(
        node.path("mediaType").asText(),
        digest,
        node.path("size").asLong(),
        Architecture.parse(node.path("platform").path("architecture").asText()),
        node.path("artifactType").isTextual()
            ? Optional.of(node.path("artifactType").textValue())
            : Optional.empty(),
        texts(node.path("annotations")));
  }
}
