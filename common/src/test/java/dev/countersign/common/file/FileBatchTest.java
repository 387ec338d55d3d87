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
  @TempDir private Path folder;

  @Test
  void write_givesEachFileItsContentAndMode() throws IOException {
    FileBatch batch = new FileBatch();
    for (int i = 0; i < 100; i++) {
      batch.add(folder.resolve("d" + i % 7 + "/f" + i), Bytes.ofUtf8("text " + i), FileMode.PUBLIC);
    }
    batch.add(folder.resolve("run"), Bytes.ofUtf8("#!/bin/sh\n"), FileMode.EXECUTABLE);
    batch.addSecret(folder.resolve("key"), SecretText.of("s3cret"));
    batch.write();
    for (int i = 0; i < 100; i++) {
      Path file = folder.resolve("d" + i % 7 + "/f" + i);
      assertThat(file).hasContent("text " + i);
      assertThat(mode(file)).isEqualTo("rw-r--r--");
    }
    assertThat(mode(folder.resolve("run"))).isEqualTo("rwxr-xr-x");
    assertThat(folder.resolve("key")).hasContent("s3cret");
    assertThat(mode(folder.resolve("key"))).isEqualTo("rw-------");
    assertThat(files()).hasSize(102);
  }

  @Test
  void write_ofASecretBesideAPublicFile_keepsOthersOutOfTheFolder() throws IOException {
    new FileBatch()
        .add(folder.resolve("new/both/a"), Bytes.ofUtf8("a"), FileMode.PUBLIC)
        .addSecret(folder.resolve("new/both/b"), SecretText.of("b"))
        .add(folder.resolve("public/c"), Bytes.ofUtf8("c"), FileMode.PUBLIC)
        .write();
    assertThat(mode(folder.resolve("new"))).isEqualTo("rwx------");
    assertThat(mode(folder.resolve("new/both"))).isEqualTo("rwx------");
    assertThat(mode(folder.resolve("public"))).isEqualTo("rwxr-xr-x");
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "skipped: only Linux has /proc")
  void write_whenOneFileCannotBe_leavesAllAsTheyWere() throws IOException {
    Files.writeString(folder.resolve("first"), "before");
    // A directory where not even root can make a file.
    Path impossible = Path.of("/proc/self/countersign");
    FileBatch batch =
        new FileBatch()
            .add(folder.resolve("first"), Bytes.ofUtf8("after"), FileMode.PUBLIC)
            .add(impossible, Bytes.ofUtf8("never"), FileMode.PUBLIC)
            .add(folder.resolve("last"), Bytes.ofUtf8("never"), FileMode.PUBLIC);
    assertThatThrownBy(batch::write)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(impossible + ": got ");
    assertThat(folder.resolve("first")).hasContent("before");
    assertThat(files()).containsExactly(folder.resolve("first"));
  }

  @Test
  void write_ontoAFolderOrALink_isRefusedBeforeAnythingIsWritten() throws IOException {
    Files.createDirectory(folder.resolve("folder"));
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("elsewhere"));
    for (String name : List.of("folder", "link")) {
      FileBatch batch =
          new FileBatch()
              .add(folder.resolve("other"), Bytes.ofUtf8("never"), FileMode.PUBLIC)
              .addSecret(folder.resolve(name), SecretText.of("never"));
      assertThatThrownBy(batch::write)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(folder.resolve(name) + ": got a ")
          .hasMessageNotContaining("never");
    }
    assertThat(folder.resolve("other")).doesNotExist();
    assertThat(folder.resolve("elsewhere")).doesNotExist();
  }

  @Test
  void write_ofTheLongestName_works() throws IOException {
    Path longest = folder.resolve("x".repeat(255));
    new FileBatch().add(longest, Bytes.ofUtf8("text"), FileMode.PUBLIC).write();
    assertThat(longest).hasContent("text");
  }

  @Test
  void write_ofNothing_doesNothing() throws IOException {
    new FileBatch().write();
    assertThat(files()).isEmpty();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.filter(Files::isRegularFile).toList();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
