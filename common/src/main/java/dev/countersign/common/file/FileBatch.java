package dev.countersign.common.file;

import dev.countersign.common.Bytes;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes many files as {@link AtomicFiles} writes one: each is whole or as it was, and a file that
 * cannot be written, or a disk that is full, leaves all of them as they were. Only then do they
 * appear, one after the other.
 *
 * <p>Several are written at a time, as a disk that is told to keep many takes no longer than for
 * one. Not thread-safe.
 */
public final class FileBatch {
  private static final int WRITERS = 16;

  private final List<NewFile> files = new ArrayList<>();

  private static final class NewFile {
    private final Path target;
    private final byte[] content;
    private final FileMode mode;
    private final Path temporary;

    private NewFile(Path target, byte[] content, FileMode mode) {
      this.target = target;
      this.content = content;
      this.mode = mode;
      this.temporary = AtomicFiles.beside(target);
    }
  }

  @FunctionalInterface
  private interface Task<T> {
    void run(T each) throws IOException;
  }

  /** Adds a file; missing parent directories will have mode 0755, but 0700 beside a secret. */
  public FileBatch add(Path path, Bytes content, FileMode mode) {
    files.add(new NewFile(path, content.toByteArray(), mode));
    return this;
  }

  /** Adds a secret of mode 0600; missing parent directories will have mode 0700. */
  public FileBatch addSecret(Path path, SecretText content) {
    String text = content.reveal(SecretAccess.because("written to a file of mode 0600"));
    files.add(new NewFile(path, text.getBytes(StandardCharsets.UTF_8), FileMode.SECRET));
    return this;
  }

  /**
   * Writes them.
   *
   * @throws IOException with {@code <path>: got …; want …; next step}
   */
  public void write() throws IOException {
    prepareDirectories();
    try (ExecutorService writers = Executors.newFixedThreadPool(WRITERS)) {
      all(
          writers,
          files,
          file ->
              AtomicFiles.explaining(
                  file.target,
                  () -> AtomicFiles.writeNew(file.temporary, file.content, file.mode)));
      Set<Path> directories = new LinkedHashSet<>();
      for (NewFile file : files) {
        AtomicFiles.explaining(
            file.target,
            () -> Files.move(file.temporary, file.target, StandardCopyOption.ATOMIC_MOVE));
        directories.add(AtomicFiles.directoryOf(file.target));
      }
      all(
          writers,
          directories,
          directory -> AtomicFiles.explaining(directory, () -> AtomicFiles.force(directory)));
    } finally {
      // The writers have ended here.
      removeTemporaries();
    }
  }

  private void removeTemporaries() {
    for (NewFile file : files) {
      try {
        Files.deleteIfExists(file.temporary);
      } catch (IOException e) {
        // What went wrong before is what the user has to know; that this did too follows from it.
      }
    }
  }

  /**
   * The first file decides who may enter a directory that it makes: a secret, where there is one.
   */
  private void prepareDirectories() throws IOException {
    for (boolean secret : new boolean[] {true, false}) {
      for (NewFile file : files) {
        if ((file.mode == FileMode.SECRET) == secret) {
          AtomicFiles.prepare(file.target, file.mode);
        }
      }
    }
  }

  /** Comes back when none runs any more. */
  private static <T> void all(ExecutorService writers, Collection<T> on, Task<T> task)
      throws IOException {
    List<Future<?>> pending = new ArrayList<>();
    for (T each : on) {
      pending.add(
          writers.submit(
              () -> {
                task.run(each);
                return each;
              }));
    }
    IOException failure = null;
    for (Future<?> each : pending) {
      try {
        each.get();
      } catch (ExecutionException e) {
        IOException cause =
            e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        failure = failure == null ? cause : failure;
      } catch (InterruptedException e) {
        writers.shutdownNow();
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while files were written", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
