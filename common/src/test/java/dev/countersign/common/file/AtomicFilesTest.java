package dev.countersign.common.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.Bytes;
import dev.countersign.common.secret.SecretText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path directory;

  @Test
  void writeSecret_newDirectories_areClosedToOthers() throws IOException {
    Path file = directory.resolve("tls/k8s/ca.key");
    AtomicFiles.writeSecret(file, SecretText.of("secret"));
    assertThat(Files.readString(file)).isEqualTo("secret");
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(mode(directory.resolve("tls"))).isEqualTo("rwx------");
    assertThat(mode(directory.resolve("tls/k8s"))).isEqualTo("rwx------");
  }

  @Test
  void write_publicFile_isReadableWithItsDirectories() throws IOException {
    Path file = directory.resolve("manifests/x.yaml");
    AtomicFiles.write(file, Bytes.ofUtf8("x"), FileMode.PUBLIC);
    assertThat(mode(file)).isEqualTo("rw-r--r--");
    assertThat(mode(directory.resolve("manifests"))).isEqualTo("rwxr-xr-x");
    AtomicFiles.write(file, Bytes.ofUtf8("x"), FileMode.EXECUTABLE);
    assertThat(mode(file)).isEqualTo("rwxr-xr-x");
  }

  @Test
  void write_existingFile_isReplacedWithItsMode() throws IOException {
    Path file = directory.resolve("x");
    Files.writeString(file, "old and longer");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    AtomicFiles.writeSecret(file, SecretText.of("new"));
    assertThat(Files.readString(file)).isEqualTo("new");
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(names()).containsExactly("x");
  }

  @Test
  void write_largeContent_isWritten() throws IOException {
    byte[] content = new byte[3_000_000];
    content[2_999_999] = 7;
    AtomicFiles.write(directory.resolve("x"), Bytes.copyOf(content), FileMode.PUBLIC);
    assertThat(Files.readAllBytes(directory.resolve("x"))).isEqualTo(content);
  }

  @Test
  void write_ontoDirectory_isRefusedAndLeavesNothing() throws IOException {
    Path target = Files.createDirectory(directory.resolve("x"));
    assertThatThrownBy(() -> AtomicFiles.write(target, Bytes.empty(), FileMode.PUBLIC))
        .isInstanceOf(IOException.class)
        .hasMessage(target + ": got a directory; want the path of a file");
    assertThat(names()).containsExactly("x");
  }

  @Test
  void write_ontoSymbolicLink_isRefused() throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "kept");
    Path link = Files.createSymbolicLink(directory.resolve("link"), victim);
    assertThatThrownBy(() -> AtomicFiles.writeSecret(link, SecretText.of("x")))
        .hasMessageStartingWith(link + ": got a symbolic link; want a file or nothing");
    assertThat(Files.readString(victim)).isEqualTo("kept");
  }

  @Test
  void write_underAFile_isRefused() throws IOException {
    Files.writeString(directory.resolve("file"), "kept");
    Path target = directory.resolve("file/x");
    assertThatThrownBy(() -> AtomicFiles.write(target, Bytes.empty(), FileMode.PUBLIC))
        .hasMessage(
            target
                + ": got a file at "
                + directory.resolve("file")
                + "; want a directory; choose another path");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void write_impossibleName_saysSoAndLeavesNothing() throws IOException {
    Path target = directory.resolve("x".repeat(256));
    assertThatThrownBy(() -> AtomicFiles.write(target, Bytes.empty(), FileMode.PUBLIC))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(target + ": got ")
        .hasMessageEndingWith("; want to write it")
        .hasMessageNotContaining("an error of the file system");
    assertThat(names()).isEmpty();
  }

  @Test
  void explaining_aFullDisk_saysWhichFileWasWanted() {
    // As FileChannel says it: without a path.
    assertThatThrownBy(
            () ->
                AtomicFiles.explaining(
                    Path.of("assets/ca.key"),
                    () -> {
                      throw new IOException("No space left on device");
                    }))
        .hasMessage("assets/ca.key: got No space left on device; want to write it");
  }

  @Test
  void write_root_isRefused() {
    assertThatThrownBy(() -> AtomicFiles.write(Path.of("/"), Bytes.empty(), FileMode.PUBLIC))
        .hasMessage("/: got a directory; want the path of a file");
  }

  @Test
  void fileMode_bits_areOctal() {
    assertThat(FileMode.SECRET.bits()).isEqualTo(0600);
    assertThat(FileMode.PUBLIC.bits()).isEqualTo(0644);
    assertThat(FileMode.EXECUTABLE.bits()).isEqualTo(0755);
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }
}
