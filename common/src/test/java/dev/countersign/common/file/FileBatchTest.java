package dev.countersign.common.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.Bytes;
import dev.countersign.common.secret.SecretText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileBatchTest {
  @TempDir private Path directory;

  @Test
  void write_givesEachFileItsContentAndMode() throws IOException {
    FileBatch batch = new FileBatch();
    for (int i = 0; i < 100; i++) {
      batch.add(
          directory.resolve("d" + i % 7 + "/f" + i), Bytes.ofUtf8("text " + i), FileMode.PUBLIC);
    }
    batch.add(directory.resolve("run"), Bytes.ofUtf8("#!/bin/sh\n"), FileMode.EXECUTABLE);
    batch.addSecret(directory.resolve("key"), SecretText.of("s3cret"));
    batch.write();
    for (int i = 0; i < 100; i++) {
      Path file = directory.resolve("d" + i % 7 + "/f" + i);
      assertThat(file).hasContent("text " + i);
      assertThat(mode(file)).isEqualTo("rw-r--r--");
    }
    assertThat(mode(directory.resolve("run"))).isEqualTo("rwxr-xr-x");
    assertThat(directory.resolve("key")).hasContent("s3cret");
    assertThat(mode(directory.resolve("key"))).isEqualTo("rw-------");
    assertThat(files()).hasSize(102);
  }

  @Test
  void write_ofASecretBesideAPublicFile_keepsOthersOutOfTheDirectory() throws IOException {
    new FileBatch()
        .add(directory.resolve("new/both/a"), Bytes.ofUtf8("a"), FileMode.PUBLIC)
        .addSecret(directory.resolve("new/both/b"), SecretText.of("b"))
        .add(directory.resolve("public/c"), Bytes.ofUtf8("c"), FileMode.PUBLIC)
        .write();
    assertThat(mode(directory.resolve("new"))).isEqualTo("rwx------");
    assertThat(mode(directory.resolve("new/both"))).isEqualTo("rwx------");
    assertThat(mode(directory.resolve("public"))).isEqualTo("rwxr-xr-x");
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "skipped: only Linux has /proc")
  void write_whenOneFileCannotBe_leavesAllAsTheyWere() throws IOException {
    Files.writeString(directory.resolve("first"), "before");
    // A directory where not even root can make a file.
    Path impossible = Path.of("/proc/self/countersign");
    FileBatch batch =
        new FileBatch()
            .add(directory.resolve("first"), Bytes.ofUtf8("after"), FileMode.PUBLIC)
            .add(impossible, Bytes.ofUtf8("never"), FileMode.PUBLIC)
            .add(directory.resolve("last"), Bytes.ofUtf8("never"), FileMode.PUBLIC);
    assertThatThrownBy(batch::write)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(impossible + ": got ");
    assertThat(directory.resolve("first")).hasContent("before");
    assertThat(files()).containsExactly(directory.resolve("first"));
  }

  @Test
  void write_ontoADirectoryOrALink_isRefusedBeforeAnythingIsWritten() throws IOException {
    Files.createDirectory(directory.resolve("directory"));
    Files.createSymbolicLink(directory.resolve("link"), directory.resolve("elsewhere"));
    for (String name : List.of("directory", "link")) {
      FileBatch batch =
          new FileBatch()
              .add(directory.resolve("other"), Bytes.ofUtf8("never"), FileMode.PUBLIC)
              .addSecret(directory.resolve(name), SecretText.of("never"));
      assertThatThrownBy(batch::write)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(directory.resolve(name) + ": got a ")
          .hasMessageNotContaining("never");
    }
    assertThat(directory.resolve("other")).doesNotExist();
    assertThat(directory.resolve("elsewhere")).doesNotExist();
  }

  @Test
  void write_ofTheLongestName_works() throws IOException {
    Path longest = directory.resolve("x".repeat(255));
    new FileBatch().add(longest, Bytes.ofUtf8("text"), FileMode.PUBLIC).write();
    assertThat(longest).hasContent("text");
  }

  @Test
  void write_ofNothing_doesNothing() throws IOException {
    new FileBatch().write();
    assertThat(files()).isEmpty();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      return paths.filter(Files::isRegularFile).toList();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
