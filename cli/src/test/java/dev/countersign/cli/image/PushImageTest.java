package dev.countersign.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code image push} says where there is no registry. */
class PushImageTest {
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

  @TempDir private Path directory = Path.of(".");

  private final StringWriter told = new StringWriter();

  private int run(String... words) {
    return Countersign.run(
        Console.plain(new PrintWriter(told, true), new PrintWriter(told, true)), words);
  }

  @Test
  void push_withoutARegistry_isNotOk_andSaysWhatToDo() throws Exception {
    Files.writeString(directory.resolve("data"), "some data");
    Files.writeString(directory.resolve("spec.yaml"), SPEC);
    String inputs = "--inputs=" + directory;
    String lock = directory.resolve("lock.json").toString();
    String image = directory.resolve("image").toString();
    String spec = "--spec=" + directory.resolve("spec.yaml");
    String epoch = "--epoch=2026-01-01T00:00:00Z";
    assertThat(run("image", "lock", spec, inputs, epoch, "--out=" + lock)).isZero();
    assertThat(run("image", "build", "--lock=" + lock, inputs, "--out=" + image)).isZero();
    // Nothing listens on that port.
    List<String> push = List.of("image", "push", image, "--to=http://127.0.0.1:1/you/tiny");
    for (List<String> options : List.of(List.<String>of(), List.of("--dry-run"))) {
      told.getBuffer().setLength(0);
      var words = new ArrayList<>(push);
      words.addAll(options);
      assertThat(run(words.toArray(String[]::new))).isNotZero();
      assertThat(told.toString())
          .contains("got no connection (refused); want a registry there; check host and port")
          .contains("incomplete")
          .doesNotContain("... ok")
          .doesNotContain("Exception");
    }
  }
}
