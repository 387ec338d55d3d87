package dev.countersign.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.Assertions;

/**
 * Compares text with files kept under version control.
 *
 * <p>A missing or different file is a failure. Files are written only where the build runs with
 * {@code -Dgolden.rewrite=true}, and then every comparison passes: look at the diff.
 */
public final class GoldenFiles {
  private final Path directory;
  private final boolean rewrite;

  GoldenFiles(Path directory, boolean rewrite) {
    this.directory = directory;
    this.rewrite = rewrite;
  }

  /**
   * The golden files of a directory.
   *
   * @param directory relative to the module, such as {@code src/test/golden/render}
   */
  public static GoldenFiles in(String directory) {
    return new GoldenFiles(Path.of(directory), Boolean.getBoolean("golden.rewrite"));
  }

  /** Fails unless the file holds exactly this text in UTF-8. */
  public void assertMatches(String name, String actual) {
    Path file = directory.resolve(name);
    try {
      if (rewrite) {
        Path parent = file.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.writeString(file, actual);
        return;
      }
      if (!Files.exists(file)) {
        throw new AssertionError(
            file
                + ": got no such file; want the text below; run with -Dgolden.rewrite=true\n"
                + actual);
      }
      Assertions.assertThat(actual)
          .as("%s (rewrite with -Dgolden.rewrite=true)", file)
          .isEqualTo(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
