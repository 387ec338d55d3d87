package dev.countersign.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code image push} says where there is no registry. */
class PushImageTest {
  @TempDir private Path directory = Path.of(".");

  @Test
  void push_withoutARegistry_isNotOk_andSaysWhatToDo() throws Exception {
    TinyImage image = TinyImage.build(directory, "image");
    // Nothing listens on that port.
    List<String> push = List.of("image", "push", image.path(), "--to=http://127.0.0.1:1/you/tiny");
    for (List<String> options : List.of(List.<String>of(), List.of("--dry-run"))) {
      var words = new ArrayList<>(push);
      words.addAll(options);
      assertThat(image.run(words.toArray(String[]::new))).isNotZero();
      assertThat(image.told())
          .contains("got no connection (refused); want a registry there; check host and port")
          .contains("incomplete")
          .doesNotContain("... ok")
          .doesNotContain("Exception");
    }
  }
}
