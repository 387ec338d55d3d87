package dev.countersign.common.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Whole directories. */
public final class Directories {
  private Directories() {}

  /**
   * Deletes a directory with all that is in it; links are deleted, not followed. Does nothing where
   * there is none.
   */
  public static void delete(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    } catch (UncheckedIOException e) {
      // Such as another process that deletes the same.
      throw new IOException(directory + ": it changes while it is deleted", e);
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }
}
