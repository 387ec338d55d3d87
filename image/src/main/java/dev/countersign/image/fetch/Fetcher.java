package dev.countersign.image.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * Downloads over HTTP(S), or copies from a file: URI. Retries what may pass (connection errors,
 * 5xx, 429), takes up a partial file with a Range request, and never reads more than the expected
 * size. Thread-safe.
 */
public final class Fetcher {
  private static final int BUFFER = 1 << 16;
  private static final int MOST_SMALL_BYTES = 64 << 20;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final HttpProxies.Client client;
  private final int attempts;
  private final Duration firstPause;

  /** The usual: four attempts. */
  public Fetcher(HttpProxies proxies) {
    this(4, Duration.ofMillis(500), proxies);
  }

  /**
   * A fetcher with its own patience.
   *
   * @param attempts at least 1
   * @param firstPause before the second attempt; doubled for each further one
   */
  public Fetcher(int attempts, Duration firstPause, HttpProxies proxies) {
    this.client =
        proxies.client(
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(Duration.ofSeconds(20)));
    this.attempts = attempts;
    this.firstPause = firstPause;
  }

  /**
   * A small file as a whole, e.g. InRelease.
   *
   * @throws IOException where it cannot be had, with the status
   */
  public byte[] fetchSmall(URI location) throws IOException {
    Path file = Files.createTempFile("countersign-fetch", ".part");
    try {
      fetch(location, file, OptionalLong.empty(), Progress.silent());
      if (Files.size(file) > MOST_SMALL_BYTES) {
        throw new IOException(location + ": got more than " + MOST_SMALL_BYTES + " bytes");
      }
      return Files.readAllBytes(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Completes the file from the location. What is in the file already is kept where the server
   * continues it, and written anew where it does not.
   */
  public void fetch(URI location, Path file, OptionalLong size, Progress progress)
      throws IOException {
    if ("file".equals(location.getScheme())) {
      copy(location, file, progress);
      return;
    }
    Duration pause = firstPause;
    for (int attempt = 1; ; attempt++) {
      try {
        fetchOnce(location, file, size, progress);
        return;
      } catch (PermanentFailure failure) {
        throw failure;
      } catch (IOException failure) {
        if (attempt >= attempts) {
          throw new IOException(
              location + ": " + attempt + " attempts; the last: " + failure.getMessage(), failure);
        }
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IOException(location + ": interrupted", interrupted);
      }
      pause = pause.multipliedBy(2);
      if (pause.compareTo(LONGEST_PAUSE) > 0) {
        pause = LONGEST_PAUSE;
      }
    }
  }

  private static void copy(URI location, Path file, Progress progress) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(location));
        OutputStream out = Files.newOutputStream(file)) {
      progress.advance("download", in.transferTo(out));
    } catch (NoSuchFileException missing) {
      throw new IOException(location + ": got no such file; want a readable file", missing);
    }
  }

  private void fetchOnce(URI location, Path file, OptionalLong size, Progress progress)
      throws IOException {
    long have = Files.isRegularFile(file) ? Files.size(file) : 0;
    if (size.isPresent() && have == size.getAsLong()) {
      return;
    }
    if (size.isPresent() && have > size.getAsLong()) {
      Files.delete(file);
      have = 0;
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(location)
            .timeout(Duration.ofMinutes(10))
            .header("User-Agent", "countersign")
            .GET();
    if (have > 0) {
      request.header("Range", "bytes=" + have + "-");
    }
    HttpResponse<InputStream> response;
    try {
      response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException(location + ": interrupted", interrupted);
    }
    try (InputStream body = response.body()) {
      switch (response.statusCode()) {
        case 200 -> receive(location, body, file, 0, size, progress);
        case 206 -> {
          String range = response.headers().firstValue("Content-Range").orElse("");
          if (!range.startsWith("bytes " + have + "-")) {
            Files.deleteIfExists(file);
            throw new IOException(location + ": got Content-Range " + range + " for " + have);
          }
          receive(location, body, file, have, size, progress);
        }
        case 416 -> {
          Files.deleteIfExists(file);
          throw new IOException(location + ": the kept part does not belong to it");
        }
        case 408, 429, 500, 502, 503, 504 ->
            throw new IOException(location + ": got status " + response.statusCode());
        default ->
            throw new PermanentFailure(
                location + ": got status " + response.statusCode() + "; want 200");
      }
    }
  }

  private static void receive(
      URI location, InputStream body, Path file, long from, OptionalLong size, Progress progress)
      throws IOException {
    long total = from;
    try (OutputStream out =
        from == 0
            ? Files.newOutputStream(file)
            : Files.newOutputStream(file, StandardOpenOption.APPEND)) {
      progress.advance("download", from);
      byte[] buffer = new byte[BUFFER];
      int count = body.read(buffer);
      while (count >= 0) {
        total += count;
        if (size.isPresent() && total > size.getAsLong()) {
          // More than announced can only hash to something else; do not fill the disk with it.
          out.write(buffer, 0, (int) Math.max(0, count - (total - size.getAsLong())));
          out.write(0);
          return;
        }
        out.write(buffer, 0, count);
        progress.advance("download", count);
        count = body.read(buffer);
      }
    }
    if (size.isPresent() && total < size.getAsLong()) {
      throw new IOException(
          location + ": got " + total + " bytes; want " + size.getAsLong() + " (cut off)");
    }
  }

  /** Not worth another attempt. */
  private static final class PermanentFailure extends IOException {
    private static final long serialVersionUID = 1L;

    PermanentFailure(String message) {
      super(message);
    }
  }
}
