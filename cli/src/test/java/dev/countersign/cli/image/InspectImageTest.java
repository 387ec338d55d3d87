package dev.countersign.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectImageTest {
  @TempDir private Path directory = Path.of(".");

  @Test
  void sbom_isWritten_forEachArchitecture() throws Exception {
    TinyImage image = TinyImage.build(directory, "image.tar");
    Path lists = directory.resolve("lists");

    assertThat(image.run("image", "inspect", image.path(), "--sbom=" + lists)).isZero();

    JsonNode list = new ObjectMapper().readTree(lists.resolve("amd64.spdx.json").toFile());
    assertThat(list.path("spdxVersion").asText()).isEqualTo("SPDX-2.3");
    assertThat(lists.toFile().list()).containsExactly("amd64.spdx.json");
  }
}
