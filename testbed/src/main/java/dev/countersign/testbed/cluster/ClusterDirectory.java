package dev.countersign.testbed.cluster;

import dev.countersign.common.file.Directories;
import dev.countersign.testbed.ControlPlaneFailure;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The directory that a control plane lives in, and what is in it before the first program runs. */
public final class ClusterDirectory {
  /**
   * An empty directory with what must be there, mode 0700; refuses one that is in use or foreign.
   */
  public static void prepare(Layout layout) throws IOException, ControlPlaneFailure {
    Path directory = layout.directory();
    if (Files.isDirectory(directory)) {
      Optional<ClusterState> state = ClusterState.read(layout.state());
      if (state.isPresent() && state.get().isAlive()) {
        throw new ControlPlaneFailure(
            "%s: got a control plane that runs (process %d); want another directory, or end that one first: countersign controlplane down --dir %s"
                .formatted(directory, state.get().supervisor().pid(), directory));
      }
      Set<String> own =
          Set.of(
              "admin.conf",
              "assets",
              "etcd",
              "logs",
              "nodes",
              "pki",
              "state.json",
              "state.json.partial");
      List<Path> entries;
      try (Stream<Path> list = Files.list(directory)) {
        entries = list.toList();
      }
      for (Path entry : entries) {
        if (!own.contains(String.valueOf(entry.getFileName()))) {
          throw new ControlPlaneFailure(
              "%s: got a directory with %s in it; want an empty one, or one of an earlier control plane"
                  .formatted(directory, entry.getFileName()));
        }
      }
      for (Path entry : entries) {
        Directories.delete(entry);
      }
    }
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    for (Path path :
        List.of(
            layout.assets(),
            layout.pki(),
            layout.etcdData(),
            layout.logs(),
            directory.resolve("nodes"))) {
      Files.createDirectory(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /** Puts files where a controller has them, as the rendered layout script does. */
  public static void place(Layout layout) throws IOException {
    for (String directory : List.of("tls/k8s", "tls/etcd", "auth")) {
      try (Stream<Path> files = Files.list(layout.assets().resolve(directory))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          copy(file, layout.pki().resolve(String.valueOf(file.getFileName())));
        }
      }
    }
    copy(layout.assets().resolve("auth/admin.conf"), layout.adminKubeconfig());
  }

  private static void copy(Path from, Path to) throws IOException {
    try {
      Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    } catch (FileAlreadyExistsException e) {
      // Of two directories that hold a file of one name the first wins; they hold the same.
    }
  }

  /** Returns the end of a log, at most 16 KiB; nothing where it cannot be read. */
  public static String tail(Path log) {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      byte[] last = new byte[(int) Math.min(16 << 10, file.length())];
      file.seek(file.length() - last.length);
      file.readFully(last);
      return new String(last, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private ClusterDirectory() {}
}
