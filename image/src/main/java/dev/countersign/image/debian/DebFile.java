package dev.countersign.image.debian;

import com.github.luben.zstd.ZstdInputStream;
import dev.countersign.image.ImageException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Reads a binary package (deb(5)): an ar archive of {@code debian-binary}, {@code control.tar} and
 * {@code data.tar}, the latter two compressed with gzip, xz, zstd or not at all.
 */
public final class DebFile {
  private static final int XZ_MEMORY_KIB = 160 * 1024;
  private static final int LARGEST_CONTROL_MEMBER = 32 << 20;

  private DebFile() {}

  /** Takes what is in {@code data.tar}, entry by entry, in order. */
  public interface Visitor {
    /** The content may be read once, before the call returns. */
    void visit(TarArchiveEntry entry, InputStream content) throws IOException;
  }

  /** Reads the package once from front to back; gives its control members by name. */
  public static SortedMap<String, byte[]> read(Path file, Visitor data) throws IOException {
    var control = new TreeMap<String, byte[]>();
    boolean hasData = false;
    try (var ar =
        new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
      ArArchiveEntry member = ar.getNextEntry();
      if (member == null || !member.getName().equals("debian-binary")) {
        throw new ImageException(
            file.toString(),
            member == null ? "no member" : "member " + member.getName(),
            "debian-binary as the first member of a .deb");
      }
      String format = new String(ar.readNBytes(64), java.nio.charset.StandardCharsets.US_ASCII);
      if (!format.startsWith("2.")) {
        throw new ImageException(file.toString(), "format " + format.strip(), "format 2.x");
      }
      member = ar.getNextEntry();
      while (member != null) {
        String name = member.getName();
        if (name.startsWith("control.tar")) {
          readControl(decompressed(name, ar), control);
        } else if (name.startsWith("data.tar")) {
          hasData = true;
          var tar = new TarArchiveInputStream(decompressed(name, ar), "UTF-8");
          TarArchiveEntry entry = tar.getNextEntry();
          while (entry != null) {
            data.visit(entry, tar);
            entry = tar.getNextEntry();
          }
        } else if (!name.startsWith("_")) {
          throw new ImageException(file.toString(), "member " + name, "control.tar and data.tar");
        }
        member = ar.getNextEntry();
      }
    }
    if (!control.containsKey("control") || !hasData) {
      throw new ImageException(file.toString(), "members missing", "control.tar and data.tar");
    }
    return control;
  }

  private static void readControl(InputStream in, Map<String, byte[]> control) throws IOException {
    var tar = new TarArchiveInputStream(in, "UTF-8");
    TarArchiveEntry entry = tar.getNextEntry();
    while (entry != null) {
      if (entry.isFile()) {
        String name = entry.getName().replaceFirst("^(\\./)+", "");
        var bytes = new ByteArrayOutputStream();
        bytes.write(tar.readNBytes(LARGEST_CONTROL_MEMBER));
        if (name.contains("/") || tar.read() >= 0) {
          throw new ImageException("control.tar", name, "a plain small file");
        }
        control.put(name, bytes.toByteArray());
      }
      entry = tar.getNextEntry();
    }
  }

  /** Not closed by readers: closing would close the ar archive around it. */
  private static InputStream decompressed(String name, InputStream in) throws IOException {
    return switch (name.substring(name.indexOf(".tar") + ".tar".length())) {
      case "" -> in;
      case ".gz" -> new GZIPInputStream(in, 1 << 16);
      // The package's digest was verified: xz's own check would only cost time.
      case ".xz" -> new XZInputStream(in, XZ_MEMORY_KIB, false);
      case ".zst" -> new ZstdInputStream(in);
      case String other ->
          throw new ImageException("member " + name, other, "no suffix, .gz, .xz or .zst");
    };
  }
}
