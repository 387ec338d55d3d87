package dev.countersign.image;

import com.sun.net.httpserver.HttpServer;
import dev.countersign.image.debian.Keyring;
import dev.countersign.image.fetch.Locations;
import dev.countersign.image.plan.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** A small Debian archive and release server on loopback, signed with a key of its own. */
public final class TestArchive implements AutoCloseable {
  /** The date of the archive's release. */
  public static final Instant DATE = Instant.parse("2026-09-12T07:55:41Z");

  /** A time at which the archive may be used. */
  public static final Instant NOW = Instant.parse("2026-09-13T00:00:00Z");

  /** A kind of file in a package. */
  public sealed interface Item {
    record File(String path, int mode, String content) implements Item {}

    record Directory(String path, int mode) implements Item {}

    record Link(String path, String target) implements Item {}

    record HardLink(String path, String target) implements Item {}

    record Device(String path) implements Item {}
  }

  private final HttpServer server;
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final List<String> requests = java.util.Collections.synchronizedList(new ArrayList<>());
  private final SigningKey key;
  private final Map<String, StringBuilder> indexes = new TreeMap<>();

  public TestArchive() throws IOException {
    this(SigningKey.ed25519(Instant.parse("2026-01-01T00:00:00Z"), Optional.empty()));
  }

  public TestArchive(SigningKey key) throws IOException {
    this.key = key;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          String range = exchange.getRequestHeaders().getFirst("Range");
          requests.add(path + (range == null ? "" : " " + range));
          byte[] content = files.get(path);
          try (exchange;
              OutputStream out = exchange.getResponseBody()) {
            if (content == null) {
              exchange.sendResponseHeaders(404, -1);
            } else if (range != null && range.matches("bytes=[0-9]+-")) {
              int from = Integer.parseInt(range.substring(6, range.length() - 1));
              exchange
                  .getResponseHeaders()
                  .add(
                      "Content-Range",
                      "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
              exchange.sendResponseHeaders(206, content.length - from);
              out.write(content, from, content.length - from);
            } else {
              exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
              out.write(content);
            }
          }
        });
    server.start();
  }

  /** Where the server is, without a slash at the end. */
  public URI base() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public Locations locations() {
    return new Locations(
        Map.of("debian", List.of(URI.create(base() + "/debian"))), Optional.of(base()));
  }

  public Keyring keyring() throws IOException {
    return Keyring.parse(new ByteArrayInputStream(key.publicKey()), "test keyring");
  }

  /** Requests so far, each a path and the range asked for. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  public byte[] served(String path) {
    return Optional.ofNullable(files.get(path)).orElseThrow();
  }

  public void serve(String path, byte[] content) {
    files.put(path, content);
  }

  /** Paths that end so. */
  public List<String> paths(String suffix) {
    return files.keySet().stream().filter(path -> path.endsWith(suffix)).sorted().toList();
  }

  /** Adds a package; the fields are more lines of its control file. */
  public TestArchive add(
      String architecture, String name, String version, String fields, Item... items)
      throws IOException {
    String control =
        "Package: "
            + name
            + "\nVersion: "
            + version
            + "\nArchitecture: "
            + architecture
            + "\nMaintainer: Test <test@example.org>\n"
            + (fields.isEmpty() ? "" : fields + "\n")
            + "Description: test\n";
    byte[] deb = deb(control, List.of(items));
    String path = "pool/" + name + "_" + version.replace(":", "_") + "_" + architecture + ".deb";
    files.put("/debian/" + path, deb);
    String stanza =
        control
            + "Filename: "
            + path
            + "\nSize: "
            + deb.length
            + "\nSHA256: "
            + Digest.ofSha256(deb).hex()
            + "\n\n";
    for (String each :
        architecture.equals("all") ? List.of("amd64", "arm64") : List.of(architecture)) {
      indexes.computeIfAbsent(each, _ -> new StringBuilder()).append(stanza);
    }
    return this;
  }

  /** Signs the indexes. */
  public TestArchive release(String suite) throws IOException {
    return release(suite, "");
  }

  /** Signs the indexes, with more lines in the release file. */
  public TestArchive release(String suite, String moreFields) throws IOException {
    var sums = new StringBuilder();
    for (String architecture : List.of("amd64", "arm64")) {
      byte[] index =
          xz(
              indexes
                  .getOrDefault(architecture, new StringBuilder())
                  .toString()
                  .getBytes(StandardCharsets.UTF_8));
      String path = "main/binary-" + architecture + "/Packages.xz";
      String hash = Digest.ofSha256(index).hex();
      sums.append(" ").append(hash).append(" ").append(index.length).append(" ").append(path);
      sums.append("\n");
      files.put(
          "/debian/dists/" + suite + "/main/binary-" + architecture + "/by-hash/SHA256/" + hash,
          index);
    }
    String text =
        "Origin: Test\nSuite: "
            + suite
            + "\nCodename: "
            + suite
            + "\nDate: Sat, 12 Sep 2026 07:55:41 UTC\nAcquire-By-Hash: yes\n"
            + moreFields
            + "SHA256:\n"
            + sums;
    files.put("/debian/dists/" + suite + "/InRelease", key.clearSign(text, Date.from(DATE)));
    return this;
  }

  /** Serves an upstream tarball and its checksum. */
  public TestArchive upstream(String path, Map<String, String> contents) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      for (Map.Entry<String, String> each : new TreeMap<>(contents).entrySet()) {
        byte[] content = each.getValue().getBytes(StandardCharsets.UTF_8);
        var entry = new TarArchiveEntry(each.getKey());
        entry.setSize(content.length);
        entry.setModTime(0);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    byte[] tarball = bytes.toByteArray();
    var digest = Digest.Algorithm.SHA512.start();
    digest.update(tarball);
    files.put(path, tarball);
    files.put(
        path + ".sha512",
        (Digest.finish(Digest.Algorithm.SHA512, digest).hex() + "\n")
            .getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** The bytes of a .deb. */
  public static byte[] deb(String control, List<Item> items) throws IOException {
    var out = new ByteArrayOutputStream();
    out.writeBytes("!<arch>\n".getBytes(StandardCharsets.US_ASCII));
    member(out, "debian-binary", "2.0\n".getBytes(StandardCharsets.US_ASCII));
    member(out, "control.tar.xz", xz(tar(List.of(new Item.File("./control", 0644, control)))));
    member(out, "data.tar.xz", xz(tar(items)));
    return out.toByteArray();
  }

  private static void member(ByteArrayOutputStream out, String name, byte[] content) {
    out.writeBytes(
        String.format(
                Locale.ROOT,
                "%-16s%-12d%-6d%-6d%-8s%-10d`\n",
                name,
                0,
                0,
                0,
                "100644",
                content.length)
            .getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(content);
    if (content.length % 2 == 1) {
      out.write('\n');
    }
  }

  private static byte[] tar(List<Item> items) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      for (Item item : items) {
        byte[] content = new byte[0];
        TarArchiveEntry entry =
            switch (item) {
              case Item.File(String path, int mode, String text) -> {
                content = text.getBytes(StandardCharsets.UTF_8);
                var file = new TarArchiveEntry(path);
                file.setMode(0100000 | mode);
                file.setSize(content.length);
                yield file;
              }
              case Item.Directory(String path, int mode) -> {
                var directory = new TarArchiveEntry(path + "/");
                directory.setMode(040000 | mode);
                yield directory;
              }
              case Item.Link(String path, String target) -> {
                var link = new TarArchiveEntry(path, TarArchiveEntry.LF_SYMLINK);
                link.setLinkName(target);
                yield link;
              }
              case Item.HardLink(String path, String target) -> {
                var link = new TarArchiveEntry(path, TarArchiveEntry.LF_LINK);
                link.setLinkName(target);
                yield link;
              }
              case Item.Device(String path) -> new TarArchiveEntry(path, TarArchiveEntry.LF_CHR);
            };
        entry.setModTime(1_700_000_000_000L);
        entry.setIds(0, 0);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] xz(byte[] content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var xz = new XZOutputStream(bytes, new LZMA2Options(1))) {
      xz.write(content);
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
