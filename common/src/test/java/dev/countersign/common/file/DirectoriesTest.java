package dev.countersign.common.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoriesTest {
  @TempDir private Path home;

  @Test
  void delete_takesAllThatIsInIt_andNothingBehindALink() throws IOException {
    Path kept = Files.createDirectories(home.resolve("kept"));
    Files.writeString(kept.resolve("file"), "");
    Path directory = home.resolve("directory");
    Files.createDirectories(directory.resolve("a/b"));
    Files.writeString(directory.resolve("a/b/file"), "");
    Files.createSymbolicLink(directory.resolve("link"), kept);

    Directories.delete(directory);
    Directories.delete(directory);

    assertThat(directory).doesNotExist();
    assertThat(kept.resolve("file")).exists();
  }
}
