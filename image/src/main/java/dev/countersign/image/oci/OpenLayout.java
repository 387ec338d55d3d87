package dev.countersign.image.oci;

import dev.countersign.common.file.Directories;
import dev.countersign.image.ImageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A layout to read from: a directory, or an archive that is unpacked until this is closed. */
public final class OpenLayout implements AutoCloseable {
  private final Layout layout;
  private final Optional<Path> unpacked;

  private OpenLayout(Layout layout, Optional<Path> unpacked) {
    this.layout = layout;
    this.unpacked = unpacked;
  }

  /** Opens what is at the path. */
  public static OpenLayout at(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      return new OpenLayout(Layout.open(path), Optional.empty());
    }
    Path directory = Files.createTempDirectory("countersign-layout");
    try {
      unpack(path, directory);
      return new OpenLayout(Layout.open(directory), Optional.of(directory));
    } catch (IOException | RuntimeException failure) {
      Directories.delete(directory);
      throw failure;
    }
  }

  public Layout layout() {
    return layout;
  }

  private static void unpack(Path archive, Path directory) throws IOException {
    try (var tar =
        new TarArchiveInputStream(
            new BufferedInputStream(Files.newInputStream(archive), 1 << 16), "UTF-8")) {
      TarArchiveEntry entry = tar.getNextEntry();
      while (entry != null) {
        String name = entry.getName().replaceFirst("^(\\./)+", "");
        boolean known =
            name.equals("oci-layout")
                || name.equals("index.json")
                || name.matches("blobs/sha256/[0-9a-f]{64}");
        if (entry.isFile() && known) {
          Path file = directory.resolve(name);
          Files.createDirectories(Optional.ofNullable(file.getParent()).orElse(directory));
          Files.copy(tar, file);
        } else if (!entry.isDirectory()) {
          throw new ImageException(
              archive.toString(), "entry " + entry.getName(), "an OCI layout's files only");
        }
        entry = tar.getNextEntry();
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (unpacked.isPresent()) {
      Directories.delete(unpacked.get());
    }
  }
}
