package dev.countersign.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenFilesTest {
  @TempDir Path directory;

  @Test
  void assertMatches_sameText_passes() throws IOException {
    Files.writeString(directory.resolve("a"), "text\n");
    new GoldenFiles(directory, false).assertMatches("a", "text\n");
  }

  @Test
  void assertMatches_otherText_failsAndKeepsTheFile() throws IOException {
    Files.writeString(directory.resolve("a"), "text\n");
    GoldenFiles golden = new GoldenFiles(directory, false);
    assertThatThrownBy(() -> golden.assertMatches("a", "text"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("-Dgolden.rewrite=true");
    assertThat(directory.resolve("a")).hasContent("text\n");
  }

  @Test
  void assertMatches_missingFile_failsAndWritesNothing() {
    GoldenFiles golden = new GoldenFiles(directory, false);
    assertThatThrownBy(() -> golden.assertMatches("a", "text"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("got no such file");
    assertThat(directory.resolve("a")).doesNotExist();
  }

  @Test
  void assertMatches_rewriting_writes() {
    new GoldenFiles(directory, true).assertMatches("sub/a", "text");
    assertThat(directory.resolve("sub/a")).hasContent("text");
  }
}
