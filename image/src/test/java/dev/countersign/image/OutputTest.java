package dev.countersign.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.ZstdInputStream;
import dev.countersign.image.assemble.Compression;
import dev.countersign.image.assemble.ImageOutput;
import dev.countersign.image.oci.Descriptor;
import dev.countersign.image.oci.Layout;
import dev.countersign.image.plan.Architecture;
import dev.countersign.image.plan.Digest;
import dev.countersign.image.plan.ImageLock;
import dev.countersign.testkit.RequiresTool;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ways to compress layers and forms to write images in, by other programs that read them. */
final class OutputTest {
  private static final String SPEC =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ImageSpec
      name: tiny
      version: v1.2.3
      files: [{from: data, to: /opt/data}]
      config: {entrypoint: [/opt/data]}
      """;

  @TempDir Path directory;
  private ImageFixture image;

  @BeforeEach
  void start() throws Exception {
    image = new ImageFixture(directory);
    byte[] content = new byte[3_000_000];
    var random = new Random(7);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) random.nextInt('a', 'h');
    }
    Files.write(image.inputs().resolve("data"), content);
  }

  @AfterEach
  void stop() {
    image.close();
  }

  private Path build(
      String name, ImageOutput.Form form, Compression compression, Architecture... of)
      throws Exception {
    ImageLock lock = image.lock(SPEC);
    Path out = directory.resolve(name);
    ImageOutput.write(
        out, form, layout -> image.builder(compression).build(lock, Set.of(of), layout));
    return out;
  }

  private String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  private static Descriptor layer(Layout layout) throws Exception {
    Descriptor manifest = Layout.references("index", layout.readJson(layout.image())).getFirst();
    return Layout.references("manifest", layout.readJson(manifest)).getLast();
  }

  @Test
  void zstd_hasTheSameFilesAsGzip_andTheSameBytesEachTime() throws Exception {
    Architecture[] both = Architecture.values();
    Layout zstd = Layout.open(build("zstd", ImageOutput.Form.OCI, Compression.ZSTD, both));
    Layout gzip = Layout.open(build("gzip", ImageOutput.Form.OCI, Compression.GZIP, both));
    Layout again = Layout.open(build("again", ImageOutput.Form.OCI, Compression.ZSTD, both));
    assertThat(again.image()).isEqualTo(zstd.image());
    assertThat(layer(zstd).mediaType()).isEqualTo("application/vnd.oci.image.layer.v1.tar+zstd");
    assertThat(layer(zstd).size()).isLessThan(layer(gzip).size());
    Descriptor manifest = Layout.references("index", zstd.readJson(zstd.image())).getFirst();
    Descriptor config = Layout.references("manifest", zstd.readJson(manifest)).getFirst();
    try (InputStream in = new ZstdInputStream(zstd.open(layer(zstd)))) {
      JsonNode diffIds = zstd.readJson(config).path("rootfs").path("diff_ids");
      assertThat(diffIds.path(diffIds.size() - 1).asText())
          .isEqualTo(Digest.ofSha256(in.readAllBytes()).toString());
    }
  }

  /** What a rebuild by another release of this program would have to give, too. */
  @Test
  void zstd_hasThePinnedBytes() throws Exception {
    Layout layout =
        Layout.open(build("zstd", ImageOutput.Form.OCI, Compression.ZSTD, Architecture.AMD64));
    assertThat(layer(layout).digest().toString())
        .isEqualTo("sha256:50626a989434c2e7f827362c4cf7d51c8c204a25e8245e6415d3e922f83d5ee0");
  }

  @Test
  @RequiresTool("skopeo")
  void archives_areReadBySkopeo() throws Exception {
    for (Compression compression : Compression.values()) {
      Path docker =
          build(
              "docker-" + compression + ".tar",
              ImageOutput.Form.DOCKER_ARCHIVE,
              compression,
              Architecture.ARM64);
      assertThat(run("skopeo", "inspect", "--override-arch", "arm64", "docker-archive:" + docker))
          .contains("\"Architecture\": \"arm64\"");
      run(
          "skopeo",
          "copy",
          "--override-arch",
          "arm64",
          "docker-archive:" + docker + ":localhost/tiny:v1.2.3",
          "oci:" + directory.resolve("copied-" + compression));
      Path oci =
          build(
              "oci-" + compression + ".tar",
              ImageOutput.Form.OCI_ARCHIVE,
              compression,
              Architecture.ARM64);
      assertThat(
              run(
                  "skopeo",
                  "inspect",
                  "--override-arch",
                  "arm64",
                  "oci-archive:" + oci + ":v1.2.3"))
          .contains("\"Architecture\": \"arm64\"");
    }
  }

  @Test
  void dockerArchive_ofTwoArchitectures_isRefused() {
    assertThatThrownBy(
            () ->
                build(
                    "two.tar",
                    ImageOutput.Form.DOCKER_ARCHIVE,
                    Compression.GZIP,
                    Architecture.values()))
        .isInstanceOf(ImageException.class)
        .hasMessage("docker-archive: got 2 architectures; want one; choose it with --arch");
    assertThat(List.of(directory.toFile().list())).doesNotContain("two.tar");
  }
}
