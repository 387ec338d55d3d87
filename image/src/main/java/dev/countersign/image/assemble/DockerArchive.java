package dev.countersign.image.assemble;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.image.ImageException;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.oci.MediaTypes;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The format of {@code docker save}: a config, its layers, and a {@code manifest.json}. */
final class DockerArchive {
  private DockerArchive() {}

  /**
   * Writes the image of a layout, tagged {@code localhost/NAME:VERSION}.
   *
   * @throws ImageException where the layout has images of several architectures
   */
  static void write(Layout layout, Path file) throws IOException {
    JsonNode index = layout.readJson(layout.image());
    List<Descriptor> images = Layout.references(layout.image().digest().toString(), index);
    if (images.size() != 1) {
      throw new ImageException(
          "docker-archive", images.size() + " architectures", "one", "choose it with --arch");
    }
    List<Descriptor> parts =
        Layout.references(
            images.getFirst().digest().toString(), layout.readJson(images.getFirst()));
    ObjectNode entry = JsonNodeFactory.instance.objectNode();
    entry.put("Config", name(parts.getFirst()));
    JsonNode annotations = index.path("annotations");
    entry
        .putArray("RepoTags")
        .add(
            "localhost/"
                + annotations.path("org.opencontainers.image.title").asText()
                + ":"
                + annotations.path("org.opencontainers.image.version").asText());
    ArrayNode layers = entry.putArray("Layers");
    parts.stream().skip(1).forEach(each -> layers.add(name(each)));
    byte[] manifest =
        JsonNodeFactory.instance.arrayNode().add(entry).toString().getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        var tar = new TarWriter(out, 0)) {
      for (Descriptor each : parts) {
        Path blob = layout.blob(each.digest());
        tar.file(name(each), 0644, 0, 0, new ImageOutput.DiskContent(blob, Files.size(blob)));
      }
      tar.file("manifest.json", 0644, 0, 0, RootFilesystem.Content.of(manifest));
    }
  }

  private static String name(Descriptor part) {
    return part.digest().hex()
        + switch (part.mediaType()) {
          case MediaTypes.CONFIG -> ".json";
          case MediaTypes.LAYER_ZSTD -> ".tar.zst";
          case null, default -> ".tar.gz";
        };
  }
}
