package dev.countersign.image.assemble;

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

/**
 * Puts a finished layout where it was asked for, as a folder or, where the name ends in {@code
 * .tar}, as an archive. What was there before is replaced only by something complete.
 */
public final class ImageOutput {
  private ImageOutput() {}

  /** Fills a layout. */
  public interface Filler<T> {
    T fill(Layout layout) throws IOException;
  }

  /** Fills a new layout and puts it at the path. */
  public static <T> T write(Path out, Filler<T> filler) throws IOException {
    Path parent = Optional.ofNullable(out.toAbsolutePath().getParent()).orElse(Path.of("/"));
    Files.createDirectories(parent);
    if (Files.exists(out) && Files.isDirectory(out) == out.toString().endsWith(".tar")) {
      throw new IOException(out + " is in the way: got another kind of file; want a path to write");
    }
    if (Files.isDirectory(out)) {
      refuseForeign(out);
    }
    Path partial = Files.createTempDirectory(parent, ".image");
    try {
      T result = filler.fill(Layout.create(partial));
      if (out.toString().endsWith(".tar")) {
        Path tar = Files.createTempFile(parent, ".image", ".tar");
        try {
          archive(partial, tar);
          Files.move(tar, out, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          Files.deleteIfExists(tar);
        }
      } else {
        if (Files.getFileStore(partial).supportsFileAttributeView("posix")) {
          Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        if (Files.isDirectory(out)) {
          ImageBuilder.deleteTree(out);
        }
        Files.move(partial, out, StandardCopyOption.ATOMIC_MOVE);
      }
      return result;
    } finally {
      if (Files.exists(partial)) {
        ImageBuilder.deleteTree(partial);
      }
    }
  }

  /** Removes a folder and all that is in it. */
  public static void delete(Path folder) throws IOException {
    ImageBuilder.deleteTree(folder);
  }

  private static void refuseForeign(Path out) throws IOException {
    try (var files = Files.list(out)) {
      if (files.findAny().isPresent() && !Files.isRegularFile(out.resolve("oci-layout"))) {
        throw new IOException(
            out + ": got a folder with other files; want a new path, an empty folder or a layout");
      }
    }
  }

  private static void archive(Path folder, Path tar) throws IOException {
    var paths = new TreeSet<String>();
    List<Path> all;
    try (var walk = Files.walk(folder)) {
      all = walk.filter(path -> !path.equals(folder)).toList();
    }
    all.forEach(path -> paths.add(folder.relativize(path).toString().replace('\\', '/')));
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tar), 1 << 16);
        var writer = new TarWriter(out, 0)) {
      for (String path : paths) {
        Path file = folder.resolve(path);
        if (Files.isDirectory(file)) {
          writer.folder(path, 0755, 0, 0);
        } else {
          writer.file(path, 0644, 0, 0, new DiskContent(file, Files.size(file)));
        }
      }
    }
  }

  private record DiskContent(Path file, long size) implements FileTree.Content {
    @Override
    public java.io.InputStream open() throws IOException {
      return Files.newInputStream(file);
    }
  }
}
