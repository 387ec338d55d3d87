package dev.countersign.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** An image of one file, built by the command line, and what the commands said. */
final class TinyImage {
  private static final String SPEC =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ImageSpec
      name: tiny
      version: v1.2.3
      tags: kubelet
      architectures: [amd64]
      files: [{from: data, to: /opt/data}]
      config: {entrypoint: [/opt/data]}
      """;

  private final StringWriter told = new StringWriter();
  private final String path;

  private TinyImage(String path) {
    this.path = path;
  }

  /** Builds it in a directory, as the directory {@code image} or as an archive of that name. */
  static TinyImage build(Path directory, String name) throws IOException {
    Files.writeString(directory.resolve("data"), "some data");
    Files.writeString(directory.resolve("spec.yaml"), SPEC);
    String inputs = "--inputs=" + directory;
    String lock = directory.resolve("lock.json").toString();
    String spec = "--spec=" + directory.resolve("spec.yaml");
    String epoch = "--epoch=2026-01-01T00:00:00Z";
    TinyImage image = new TinyImage(directory.resolve(name).toString());
    assertThat(image.run("image", "lock", spec, inputs, epoch, "--out=" + lock)).isZero();
    assertThat(image.run("image", "build", "--lock=" + lock, inputs, "--out=" + image.path))
        .isZero();
    return image;
  }

  String path() {
    return path;
  }

  /** Runs a command line, and forgets what the one before said. */
  int run(String... words) {
    told.getBuffer().setLength(0);
    return Countersign.run(
        Console.plain(new PrintWriter(told, true), new PrintWriter(told, true)), words);
  }

  String told() {
    return told.toString();
  }
}
