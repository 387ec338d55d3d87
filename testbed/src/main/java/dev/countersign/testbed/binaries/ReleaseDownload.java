package dev.countersign.testbed.binaries;

import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.binaries.BinaryOptions.DownloadSite;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/**
 * Downloads a release as upstream publishes it: one file a program of Kubernetes, an archive for
 * etcd. Nothing is kept whose SHA-512 or SHA-256 is not the one published beside it.
 */
final class ReleaseDownload implements AutoCloseable {
  /** Nothing upstream publishes comes near it. */
  private static final long MOST_BYTES = 1L << 30;

  private static final Duration WHOLE_FILE = Duration.ofMinutes(15);

  private final DownloadSite site;
  private final Platform platform;
  private final Duration connectTimeout;
  private final Consumer<String> progress;
  private final HttpClient client;

  /** A server gave no answer, or not the one wanted; another source may still do. */
  static final class Unavailable extends ControlPlaneFailure {
    private static final long serialVersionUID = 1L;

    Unavailable(String message) {
      super(message);
    }
  }

  ReleaseDownload(
      DownloadSite site, Platform platform, Duration connectTimeout, Consumer<String> progress) {
    this.site = site;
    this.platform = platform;
    this.connectTimeout = connectTimeout;
    this.progress = progress;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(connectTimeout)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
  }

  /** Downloads the programs and etcd into the directory. */
  void into(Path directory, KubernetesRelease release, Set<Program> programs)
      throws IOException, ControlPlaneFailure, InterruptedException {
    for (Program program : programs) {
      URI address = site.kubernetes(release.kubernetes().toString(), platform, program);
      fetch(address, checksumBeside(address), directory.resolve(program.fileName()));
    }
    URI archive = site.etcd(release.etcd(), platform);
    Path file = directory.resolve("etcd.tar.gz");
    fetch(archive, checksumListed(archive), file);
    extractEtcd(archive, file, directory.resolve(Program.ETCD.fileName()));
    Files.delete(file);
  }

  /** A published checksum. */
  private record Checksum(String algorithm, String hex) {}

  private Checksum checksumBeside(URI file) throws Unavailable, InterruptedException {
    HttpResponse<String> sha512 = text(URI.create(file + ".sha512"));
    if (sha512.statusCode() == 200) {
      return checksum("SHA-512", firstWord(sha512.body()), file);
    }
    HttpResponse<String> sha256 = text(URI.create(file + ".sha256"));
    if (sha256.statusCode() == 200) {
      return checksum("SHA-256", firstWord(sha256.body()), file);
    }
    throw new Unavailable(
        "%s: got HTTP status %d for its .sha512 and %d for its .sha256; want one of them"
            .formatted(file, sha512.statusCode(), sha256.statusCode()));
  }

  private Checksum checksumListed(URI archive) throws Unavailable, InterruptedException {
    URI list = archive.resolve("SHA256SUMS");
    HttpResponse<String> sums = text(list);
    if (sums.statusCode() != 200) {
      throw new Unavailable("%s: got HTTP status %d; want 200".formatted(list, sums.statusCode()));
    }
    String name = Path.of(archive.getPath()).getFileName().toString();
    for (String line : sums.body().lines().toList()) {
      if (line.endsWith(" " + name) || line.endsWith("*" + name)) {
        return checksum("SHA-256", firstWord(line), archive);
      }
    }
    throw new Unavailable(list + ": got no line of " + name + "; want its checksum");
  }

  private static Checksum checksum(String algorithm, String hex, URI file) throws Unavailable {
    int digits = algorithm.equals("SHA-512") ? 128 : 64;
    if (!hex.matches("[0-9a-fA-F]{" + digits + "}")) {
      throw new Unavailable(
          "%s: got a published checksum that is not %d hexadecimal digits; want %s"
              .formatted(file, digits, algorithm));
    }
    return new Checksum(algorithm, hex.toLowerCase(Locale.ROOT));
  }

  private static String firstWord(String text) {
    return text.strip().split("\\s+", 2)[0];
  }

  /**
   * Waits for the answer from outside of the client: its own time-outs do not cover the time that a
   * name server takes.
   */
  private HttpResponse<String> text(URI address) throws Unavailable, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address).timeout(connectTimeout).build();
    try {
      return client
          .sendAsync(request, BodyHandlers.ofString(StandardCharsets.UTF_8))
          .get(connectTimeout.toMillis() * 2, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new Unavailable(
          "%s: got no answer within %d s".formatted(address, connectTimeout.toSeconds() * 2));
    } catch (ExecutionException e) {
      throw new Unavailable(address + ": " + why(e));
    }
  }

  private static String why(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return cause.getMessage() == null
        ? "got no connection (" + cause.getClass().getSimpleName() + ")"
        : cause.getMessage();
  }

  private void fetch(URI address, Checksum want, Path file)
      throws IOException, ControlPlaneFailure, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(address).timeout(WHOLE_FILE).build();
    HttpResponse<InputStream> response;
    try {
      response = client.sendAsync(request, BodyHandlers.ofInputStream()).get();
    } catch (ExecutionException e) {
      throw new Unavailable(address + ": " + why(e));
    }
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        throw new Unavailable(
            "%s: got HTTP status %d; want 200".formatted(address, response.statusCode()));
      }
      String got = copy(address, body, file, want.algorithm());
      if (!got.equals(want.hex())) {
        throw new ControlPlaneFailure(
            "%s: got content of %s %s; want %s, as published beside it; nothing of it was kept: try again, and if it stays so do not trust this server"
                .formatted(address, want.algorithm(), got, want.hex()));
      }
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String copy(URI address, InputStream body, Path file, String algorithm)
      throws IOException, Unavailable {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
    try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
      byte[] buffer = new byte[1 << 16];
      long total = 0;
      for (int read = read(address, body, buffer); read >= 0; read = read(address, body, buffer)) {
        total += read;
        if (total > MOST_BYTES) {
          throw new Unavailable(address + ": got more than 1 GiB; want a program");
        }
        out.write(buffer, 0, read);
        progress.accept("%s, %d MB".formatted(file.getFileName(), total >> 20));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * Tells a broken connection, after which another source may do, from a disk that can't take more.
   */
  private static int read(URI address, InputStream body, byte[] buffer) throws Unavailable {
    try {
      return body.read(buffer);
    } catch (IOException e) {
      throw new Unavailable(address + ": the connection broke: " + e.getMessage());
    }
  }

  /** Takes the one file {@code …/etcd} out of the archive (POSIX ustar). */
  private static void extractEtcd(URI archive, Path file, Path target)
      throws IOException, Unavailable {
    try (InputStream in =
        new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file)), 1 << 16)) {
      byte[] header = new byte[512];
      while (in.readNBytes(header, 0, header.length) == header.length && header[0] != 0) {
        String name = field(header, 0, 100);
        long size = Long.parseLong(field(header, 124, 12).strip(), 8);
        if (name.endsWith("/etcd") && (header[156] == '0' || header[156] == 0)) {
          try (OutputStream out = Files.newOutputStream(target)) {
            copyExactly(in, out, size);
          }
          Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
          return;
        }
        in.skipNBytes((size + 511) / 512 * 512);
      }
    } catch (NumberFormatException e) {
      throw new Unavailable(archive + ": got an archive that is not POSIX ustar; want etcd's");
    }
    throw new Unavailable(archive + ": got no file etcd in it; want one");
  }

  private static void copyExactly(InputStream in, OutputStream out, long size) throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (long left = size; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new EOFException("the archive of etcd ends early");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }

  private static String field(byte[] header, int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return new String(header, from, end - from, StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
