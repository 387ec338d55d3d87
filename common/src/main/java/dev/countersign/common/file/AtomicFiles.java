package dev.countersign.common.file;

import dev.countersign.common.Bytes;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes files that appear whole or not at all, with their mode from the first moment.
 *
 * <p>The content goes to a new file beside the target, is forced to disk and renamed over the
 * target, then the directory is forced to disk. A reader sees the old file or the new one. For
 * POSIX file systems. Many files at once: {@link FileBatch}.
 */
public final class AtomicFiles {
  private AtomicFiles() {}

  /** Writes a secret with mode 0600; makes missing parent directories with mode 0700. */
  public static void writeSecret(Path path, SecretText content) throws IOException {
    String text = content.reveal(SecretAccess.because("written to a file of mode 0600"));
    replace(path, text.getBytes(StandardCharsets.UTF_8), FileMode.SECRET);
  }

  /**
   * Writes a file; makes missing parent directories with mode 0700 for {@link FileMode#SECRET} and
   * 0755 otherwise.
   *
   * @throws IOException with {@code <path>: got …; want …; next step}; the target is then as it was
   */
  public static void write(Path path, Bytes content, FileMode mode) throws IOException {
    replace(path, content.toByteArray(), mode);
  }

  private static void replace(Path path, byte[] content, FileMode mode) throws IOException {
    prepare(path, mode);
    explaining(
        path,
        () -> {
          Path temporary = beside(path);
          try {
            writeNew(temporary, content, mode);
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
          } finally {
            Files.deleteIfExists(temporary);
          }
          force(directoryOf(path));
        });
  }

  /** Makes what directories are missing, once it is clear that a file can be put there. */
  static void prepare(Path path, FileMode mode) throws IOException {
    Path target = path.toAbsolutePath();
    if (target.getParent() == null || Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(path + ": got a directory; want the path of a file");
    }
    if (Files.isSymbolicLink(target)) {
      throw new IOException(
          path + ": got a symbolic link; want a file or nothing; name the file it points to");
    }
    explaining(path, () -> createDirectories(directoryOf(path), mode));
  }

  static Path directoryOf(Path path) {
    return Objects.requireNonNull(path.toAbsolutePath().getParent(), "a file has a directory");
  }

  /** A new name in the same directory, hidden from a listing, and no longer than a name can be. */
  static Path beside(Path path) {
    String name = String.valueOf(path.getFileName());
    return directoryOf(path)
        .resolve("." + name.substring(0, Math.min(name.length(), 50)) + "." + UUID.randomUUID());
  }

  /** Forces a directory's entries to disk. */
  static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** An action on the file system. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /** Runs it, and says of what goes wrong what was wanted with which file. */
  static void explaining(Path path, Action action) throws IOException {
    try {
      action.run();
    } catch (AccessDeniedException e) {
      throw new IOException(
          path
              + ": got no permission at "
              + e.getFile()
              + "; want to write there; run as its owner",
          e);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(
          path + ": got a file at " + e.getFile() + "; want a directory; choose another path", e);
    } catch (NoSuchFileException e) {
      throw new IOException(path + ": got no " + e.getFile() + "; want a directory; make it", e);
    } catch (FileSystemException e) {
      throw unwritten(path, e.getReason(), e);
    } catch (IOException e) {
      // A full disk has no path in its message.
      throw unwritten(path, e.getMessage(), e);
    }
  }

  private static IOException unwritten(Path path, @Nullable String reason, IOException cause) {
    String got = reason == null ? "an error of the file system" : reason;
    return new IOException(path + ": got " + got + "; want to write it", cause);
  }

  static void writeNew(Path file, byte[] content, FileMode mode) throws IOException {
    // Created with 0600 so that a secret is never readable by others, not even while it is empty.
    try (FileChannel channel =
        FileChannel.open(
            file,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(FileMode.SECRET.permissions()))) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      if (mode != FileMode.SECRET) {
        // The umask does not take away from this, as it would at creation.
        Files.setPosixFilePermissions(file, mode.permissions());
      }
      channel.force(true);
    }
  }

  private static void createDirectories(Path directory, FileMode mode) throws IOException {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path at = directory; at != null && !Files.isDirectory(at); at = at.getParent()) {
      missing.push(at);
    }
    for (Path at : missing) {
      try {
        Files.createDirectory(
            at, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(at)) {
          throw e;
        }
        continue;
      }
      if (mode != FileMode.SECRET) {
        Files.setPosixFilePermissions(at, FileMode.EXECUTABLE.permissions());
      }
    }
  }
}
