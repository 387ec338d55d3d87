package dev.countersign.image.assemble;

import dev.countersign.common.file.Directories;
import dev.countersign.image.oci.Layout;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Puts a finished layout where it was asked for. What was there is replaced only by all of it. */
public final class ImageOutput {
  private ImageOutput() {}

  /** What an image is written as. */
  public enum Form {
    /** A directory in the OCI image layout. */
    OCI,
    /** The same as a tar archive: {@code podman load}, {@code docker load} from 25. */
    OCI_ARCHIVE,
    /** What docker save writes, of one architecture: {@code docker load}, {@code podman load}. */
    DOCKER_ARCHIVE;

    /** The form that a path's name stands for: an archive where it ends in {@code .tar}. */
    public static Form of(Path path) {
      return path.toString().endsWith(".tar") ? OCI_ARCHIVE : OCI;
    }
  }

  /** Fills a layout. */
  public interface Filler<T> {
    T fill(Layout layout) throws IOException;
  }

  /** Fills a new layout and puts it at the path, in the form that its name stands for. */
  public static <T> T write(Path out, Filler<T> filler) throws IOException {
    return write(out, Form.of(out), filler);
  }

  /** Fills a new layout and puts it at the path. */
  public static <T> T write(Path out, Form form, Filler<T> filler) throws IOException {
    Path parent = Optional.ofNullable(out.toAbsolutePath().getParent()).orElse(Path.of("/"));
    Files.createDirectories(parent);
    if (Files.exists(out) && Files.isDirectory(out) != (form == Form.OCI)) {
      throw new IOException(out + " is in the way: got another kind of file; want a path to write");
    }
    if (Files.isDirectory(out)) {
      refuseForeign(out);
    }
    Path partial = Files.createTempDirectory(parent, ".image");
    try {
      Layout layout = Layout.create(partial);
      T result = filler.fill(layout);
      switch (form) {
        case OCI -> replaceDirectory(partial, out);
        case OCI_ARCHIVE -> replaceFile(parent, out, file -> archive(partial, file));
        case DOCKER_ARCHIVE -> replaceFile(parent, out, file -> DockerArchive.write(layout, file));
      }
      return result;
    } finally {
      if (Files.exists(partial)) {
        Directories.delete(partial);
      }
    }
  }

  private static void replaceDirectory(Path partial, Path out) throws IOException {
    if (Files.getFileStore(partial).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    if (Files.isDirectory(out)) {
      Directories.delete(out);
    }
    Files.move(partial, out, StandardCopyOption.ATOMIC_MOVE);
  }

  private interface FileWriter {
    void writeTo(Path file) throws IOException;
  }

  private static void replaceFile(Path parent, Path out, FileWriter writer) throws IOException {
    Path tar = Files.createTempFile(parent, ".image", ".tar");
    try {
      writer.writeTo(tar);
      Files.move(tar, out, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(tar);
    }
  }

  private static void refuseForeign(Path out) throws IOException {
    try (var files = Files.list(out)) {
      if (files.findAny().isPresent() && !Files.isRegularFile(out.resolve("oci-layout"))) {
        throw new IOException(
            out
                + ": got a directory with other files; want a new path, an empty directory or a"
                + " layout");
      }
    }
  }

  private static void archive(Path directory, Path tar) throws IOException {
    var paths = new TreeSet<String>();
    List<Path> all;
    try (var walk = Files.walk(directory)) {
      all = walk.filter(path -> !path.equals(directory)).toList();
    }
    all.forEach(path -> paths.add(directory.relativize(path).toString().replace('\\', '/')));
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tar), 1 << 16);
        var writer = new TarWriter(out, 0)) {
      for (String path : paths) {
        Path file = directory.resolve(path);
        if (Files.isDirectory(file)) {
          writer.directory(path, 0755, 0, 0);
        } else {
          writer.file(path, 0644, 0, 0, new DiskContent(file, Files.size(file)));
        }
      }
    }
  }

  record DiskContent(Path file, long size) implements RootFilesystem.Content {
    @Override
    public java.io.InputStream open() throws IOException {
      return Files.newInputStream(file);
    }
  }
}
