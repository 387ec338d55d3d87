package dev.countersign.render.upgrade;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.common.kubernetes.KubernetesVersion;
import dev.countersign.render.os.NodeOs;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.ContainerImage;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The images of a cluster as it was rendered, as {@code outputs.json} records them.
 *
 * @param kubernetes the spec's version
 * @param images what each component runs
 */
public record RenderedImages(KubernetesVersion kubernetes, Map<ContainerImage, String> images) {
  /** The field of {@code outputs.json} with the version. */
  public static final String VERSION = "kubernetes_version";

  /** The field of {@code outputs.json} with the images. */
  public static final String IMAGES = "container_images";

  public RenderedImages {
    Objects.requireNonNull(kubernetes, "kubernetes");
    Map<ContainerImage, String> copy = new EnumMap<>(ContainerImage.class);
    copy.putAll(images);
    images = Collections.unmodifiableMap(copy);
  }

  /** What a spec renders. */
  public static RenderedImages of(ClusterSpec spec) {
    Map<ContainerImage, String> images = new EnumMap<>(ContainerImage.class);
    for (ContainerImage image : ContainerImage.values()) {
      images.put(image, spec.image(image));
    }
    spec.nodes()
        .map(
            nodes ->
                nodes
                    .kubeletImageOverride()
                    .orElseGet(() -> NodeOs.of(nodes.os()).kubeletImage(spec)))
        .ifPresent(image -> images.put(ContainerImage.KUBELET, image));
    return new RenderedImages(spec.kubernetesVersion(), images);
  }

  /** The version that an image's tag names. */
  public Optional<KubernetesVersion> version(ContainerImage image) {
    return Optional.ofNullable(images.get(image)).flatMap(ContainerImage::version);
  }

  /**
   * Reads {@code outputs.json}.
   *
   * @return empty where it records no version, or is not what {@code render} writes
   */
  public static Optional<RenderedImages> parse(String outputs) {
    if (!(Documents.one(outputs) instanceof ParseResult.Parsed<JsonNode>(JsonNode root))) {
      return Optional.empty();
    }
    Map<ContainerImage, String> images = new EnumMap<>(ContainerImage.class);
    for (ContainerImage image : ContainerImage.values()) {
      String reference = root.path(IMAGES).path(image.key()).asText();
      if (ContainerImage.isReference(reference)) {
        images.put(image, reference);
      }
    }
    return KubernetesVersion.parse(root.path(VERSION).asText())
        .map(version -> new RenderedImages(version, images));
  }
}
