package dev.countersign.testbed.binaries;

import dev.countersign.common.file.Directories;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Directories that appear complete, by one rename, and are never changed after. One process at a
 * time makes an entry; others wait for it.
 */
final class CacheEntries {
  /** One at a time within this JVM: a file lock is held by the process, not by a thread. */
  private static final Object IN_THIS_PROCESS = new Object();

  private final Path root;

  /** What makes an entry's content. */
  @FunctionalInterface
  interface Maker {
    void make(Path directory) throws IOException, ControlPlaneFailure, InterruptedException;
  }

  CacheEntries(Path root) {
    this.root = root;
  }

  /** The entry, where it is there. */
  Optional<Path> find(String name) throws ControlPlaneFailure {
    Path entry = root.resolve(name);
    if (Files.notExists(entry) && (Files.notExists(root) || Files.isReadable(root))) {
      return Optional.empty();
    }
    if (Files.isDirectory(entry) && Files.isReadable(entry) && Files.isExecutable(entry)) {
      return Optional.of(entry);
    }
    throw new ControlPlaneFailure(
        entry
            + ": got a directory that this user can't read; want one that it owns: give it back"
            + " with chown, remove it, or choose another cache directory with XDG_CACHE_HOME");
  }

  /** The entry; made first where it is not there. */
  Path findOrMake(String name, Consumer<String> progress, Maker maker)
      throws ControlPlaneFailure, InterruptedException {
    Optional<Path> found = find(name);
    if (found.isPresent()) {
      return found.get();
    }
    synchronized (IN_THIS_PROCESS) {
      try {
        createRoot();
        try (FileChannel channel =
                FileChannel.open(
                    root.resolve(name + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            FileLock lock = lock(channel, progress)) {
          return find(name).isPresent() && lock.isValid() ? root.resolve(name) : make(name, maker);
        }
      } catch (IOException e) {
        throw unwritable(e);
      }
    }
  }

  private static FileLock lock(FileChannel channel, Consumer<String> progress) throws IOException {
    FileLock lock = channel.tryLock();
    if (lock != null) {
      return lock;
    }
    progress.accept("another countersign is at it; waiting for it to finish");
    return channel.lock();
  }

  private Path make(String name, Maker maker)
      throws IOException, ControlPlaneFailure, InterruptedException {
    String prefix = name + ".partial-";
    try (Stream<Path> siblings = Files.list(root)) {
      // Left by a process that was killed: whoever makes this entry holds the lock, and that is us.
      for (Path stale :
          siblings.filter(path -> path.getFileName().toString().startsWith(prefix)).toList()) {
        Directories.delete(stale);
      }
    }
    Path partial = root.resolve(prefix + ProcessHandle.current().pid());
    try {
      Files.createDirectory(partial);
      maker.make(partial);
      Path entry = root.resolve(name);
      Files.move(partial, entry, StandardCopyOption.ATOMIC_MOVE);
      return entry;
    } finally {
      Directories.delete(partial);
    }
  }

  private void createRoot() throws IOException {
    if (Files.isDirectory(root)) {
      return;
    }
    Path parent = root.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(
          root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(root)) {
        throw e;
      }
    }
  }

  private ControlPlaneFailure unwritable(IOException cause) {
    String text = String.valueOf(cause.getMessage());
    if (text.contains("No space left") || text.contains("Disk quota")) {
      return diskFull(cause);
    }
    String why =
        cause instanceof FileSystemException file && file.getReason() != null
            ? file.getReason()
            : cause.getClass().getSimpleName();
    return new ControlPlaneFailure(
        root
            + ": the cache directory can't be written ("
            + why
            + "); want a directory that this user may write: fix its permissions, or choose"
            + " another with XDG_CACHE_HOME",
        cause);
  }

  /** The one paragraph about a full disk. */
  ControlPlaneFailure diskFull(Throwable cause) {
    return new ControlPlaneFailure(
        root
            + ": the disk is full; want 200 MB free for Kubernetes' binaries, and 5 GB more while"
            + " they are built (Go's caches, see go env GOCACHE GOMODCACHE): free some room, or"
            + " choose another disk with XDG_CACHE_HOME, GOCACHE and GOMODCACHE",
        cause);
  }
}
