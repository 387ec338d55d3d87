package dev.countersign.testbed.cluster;

import dev.countersign.common.file.Directories;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A demo's directory under the directory for temporary files. Its lock is the kernel's and ends
 * with the process however that ends, so the next demo can tell a directory that was left behind.
 */
public final class TemporaryDirectory implements AutoCloseable {
  private static final String PREFIX = "countersign-demo-";
  private static final String LOCK = "in-use";
  private static final String CLUSTER = "cluster";

  private final Path root;
  private final FileChannel channel;
  private boolean kept;

  private TemporaryDirectory(Path root, FileChannel channel) {
    this.root = root;
    this.channel = channel;
  }

  /** A new directory in {@code parent}; those that killed demos left there are removed first. */
  public static TemporaryDirectory in(Path parent) throws IOException {
    Path root = Files.createTempDirectory(parent, PREFIX);
    removeStale(parent, root);
    FileChannel channel =
        FileChannel.open(
            root.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    channel.lock();
    return new TemporaryDirectory(root, channel);
  }

  /** The whole. */
  public Path root() {
    return root;
  }

  /** The directory for the control plane; not there yet. */
  public Path cluster() {
    return root.resolve(CLUSTER);
  }

  /** Leaves it for good: no later demo removes it. */
  public void keep() throws IOException {
    kept = true;
    Files.deleteIfExists(root.resolve(LOCK));
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      if (!kept && Files.exists(root)) {
        Directories.delete(root);
      }
    }
  }

  private static void removeStale(Path parent, Path own) throws IOException {
    List<Path> others;
    try (Stream<Path> list = Files.list(parent)) {
      others =
          list.filter(path -> String.valueOf(path.getFileName()).startsWith(PREFIX))
              .filter(path -> !path.equals(own))
              .toList();
    }
    for (Path other : others) {
      try {
        if (Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
            && Files.getOwner(other).equals(Files.getOwner(own))
            && abandoned(other)) {
          Directories.delete(other);
        }
      } catch (IOException | ControlPlaneFailure e) {
        // Not ours to judge, or gone meanwhile: it stays as it is.
      }
    }
  }

  /** Whether its demo has ended without removing it, and nothing of its control plane runs. */
  private static boolean abandoned(Path directory) throws IOException, ControlPlaneFailure {
    Path lock = directory.resolve(LOCK);
    if (!Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        FileLock held = channel.tryLock()) {
      return held != null
          && ClusterState.read(new Layout(directory.resolve(CLUSTER)).state())
              .map(state -> !state.isAlive())
              .orElse(true);
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }
}
