package dev.countersign.image.fetch;

import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A directory of content named by its digest. A file is there only once all of it was verified, and
 * is verified again each time it is given out, because a cache outlives the process that filled it.
 *
 * <p>Interrupted downloads are kept under {@code partial/} and taken up where they ended; a
 * download whose digest is wrong leaves nothing. Safe for many threads and processes.
 */
public final class ContentCache {
  private static final int BUFFER = 1 << 17;

  private final Path directory;
  private final Fetcher fetcher;
  private final ConcurrentHashMap<Digest, ReentrantLock> busy = new ConcurrentHashMap<>();

  public ContentCache(Path directory, Fetcher fetcher) {
    this.directory = directory;
    this.fetcher = fetcher;
  }

  /** Where the content is or would be. */
  public Path location(Digest checksum) {
    return directory.resolve(checksum.algorithm().word()).resolve(checksum.hex());
  }

  /**
   * The verified file with the content, downloaded where it is not here.
   *
   * @throws ImageException where every location serves something else
   * @throws IOException where no location can be reached
   */
  public Path get(Source source, Progress progress) throws IOException {
    ReentrantLock lock = busy.computeIfAbsent(source.checksum(), _ -> new ReentrantLock());
    lock.lock();
    try {
      Path file = location(source.checksum());
      if (Files.isRegularFile(file)) {
        if (hash(file, source.checksum().algorithm()).equals(source.checksum())) {
          progress.advance("download", source.size().orElse(0));
          return file;
        }
        // Rot or tampering: what is wrong must not stay, whoever put it there.
        Files.delete(file);
      }
      return download(source, file, progress);
    } finally {
      lock.unlock();
    }
  }

  private Path download(Source source, Path file, Progress progress) throws IOException {
    Path partial =
        directory
            .resolve("partial")
            .resolve(source.checksum().algorithm().word() + "-" + source.checksum().hex());
    Files.createDirectories(file.getParent());
    Files.createDirectories(partial.getParent());
    try (FileChannel guard =
            FileChannel.open(
                partial.resolveSibling(partial.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock held = guard.lock()) {
      if (!held.isValid()) {
        throw new IOException("lost the lock of " + partial);
      }
      if (source.locations().isEmpty()) {
        throw new IOException(
            source.name()
                + ": not in the cache "
                + directory
                + ", and no location to fetch it from");
      }
      IOException unreachable = null;
      ImageException refused = null;
      for (URI location : source.locations()) {
        try {
          fetchVerified(source, location, partial, progress);
          Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
          return file;
        } catch (ImageException wrong) {
          refused = wrong;
        } catch (IOException failure) {
          if (unreachable != null) {
            failure.addSuppressed(unreachable);
          }
          unreachable = failure;
        }
      }
      if (refused != null) {
        if (unreachable != null) {
          refused.addSuppressed(unreachable);
        }
        throw refused;
      }
      throw unreachable == null
          ? new IOException(source.name() + ": nothing fetched")
          : unreachable;
    } finally {
      Files.deleteIfExists(partial.resolveSibling(partial.getFileName() + ".lock"));
    }
  }

  private void fetchVerified(Source source, URI location, Path partial, Progress progress)
      throws IOException {
    boolean resumed = Files.isRegularFile(partial) && Files.size(partial) > 0;
    fetcher.fetch(location, partial, source.size(), progress);
    Digest found = hash(partial, source.checksum().algorithm());
    if (!found.equals(source.checksum()) && resumed) {
      // The kept part may be of something else; only a whole download can be blamed on a server.
      Files.deleteIfExists(partial);
      fetcher.fetch(location, partial, source.size(), progress);
      found = hash(partial, source.checksum().algorithm());
    }
    if (!found.equals(source.checksum())) {
      Files.deleteIfExists(partial);
      throw new ImageException(
          source.name() + " from " + location,
          found.toString(),
          source.checksum().toString(),
          "nothing of it was kept; use another mirror, or lock again if the change is expected");
    }
  }

  /** The digest of a file. */
  public static Digest hash(Path file, Digest.Algorithm algorithm) throws IOException {
    MessageDigest digest = algorithm.start();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[BUFFER];
      int count = in.read(buffer);
      while (count >= 0) {
        digest.update(buffer, 0, count);
        count = in.read(buffer);
      }
    }
    return Digest.finish(algorithm, digest);
  }
}
