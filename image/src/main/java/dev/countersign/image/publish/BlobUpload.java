package dev.countersign.image.publish;

import dev.countersign.common.text.PercentEncoding;
import dev.countersign.image.oci.Descriptor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Uploads one blob in chunks (distribution specification 1.1, pushing a blob in chunks). A broken
 * connection is taken up where the registry says it stopped; where it does not say so without
 * doubt, the upload begins anew. Not thread-safe.
 */
final class BlobUpload {
  private static final int CHUNK = 8 << 20;
  private static final int LARGEST_CHUNK = 64 << 20;
  private static final String ACTIONS = "pull,push";
  private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");

  private final Repository repository;
  private final RegistryTransport transport;
  private final Descriptor descriptor;
  private final Path file;

  /** The registry has no such session any more, or what it has of the blob is in doubt. */
  private static final class SessionLost extends Exception {
    private static final long serialVersionUID = 1L;

    SessionLost(IOException why) {
      super(why.getMessage(), why);
    }
  }

  BlobUpload(Repository repository, RegistryTransport transport, Descriptor descriptor, Path file) {
    this.repository = repository;
    this.transport = transport;
    this.descriptor = descriptor;
    this.file = file;
  }

  /** Asks whether the blob is there already: a lost response may have been that of success. */
  interface Presence {
    boolean check() throws IOException;
  }

  void run(Presence present) throws IOException {
    for (int attempt = 1; !present.check(); attempt++) {
      try {
        upload();
        return;
      } catch (SessionLost lost) {
        if (attempt >= transport.retries().attempts()) {
          throw new IOException(
              lost.getMessage() + " (" + attempt + " uploads were begun)", lost.getCause());
        }
        transport.retries().pauseAfter(attempt);
      }
    }
  }

  private void upload() throws IOException, SessionLost {
    HttpResponse<byte[]> started =
        transport.send(
            () ->
                HttpRequest.newBuilder(repository.resolve("blobs/uploads/"))
                    .POST(HttpRequest.BodyPublishers.noBody()),
            ACTIONS);
    transport.expect(started, 202);
    int chunk = chunk(started.headers().firstValue("OCI-Chunk-Min-Length"));
    URI session = transport.location(started);
    boolean resumed = false;
    long sent = 0;
    int failures = 0;
    try (FileChannel channel = FileChannel.open(file)) {
      while (sent < descriptor.size()) {
        byte[] bytes = read(channel, sent, (int) Math.min(chunk, descriptor.size() - sent));
        try {
          session = patch(session, sent, bytes);
          sent += bytes.length;
          failures = 0;
        } catch (RegistryTransport.NoResponse decided) {
          throw decided;
        } catch (IOException broken) {
          failures++;
          if (broken instanceof RegistryException answered && !maySaySo(answered.status())) {
            throw broken;
          }
          if (failures >= transport.retries().attempts()) {
            throw broken;
          }
          transport.retries().pauseAfter(failures);
          URI asked = session;
          HttpResponse<byte[]> status =
              transport.send(() -> HttpRequest.newBuilder(asked).GET(), ACTIONS);
          long has =
              received(status, sent + bytes.length).orElseThrow(() -> new SessionLost(broken));
          session = transport.location(status);
          sent = has;
          resumed = true;
        }
      }
    }
    finish(session, resumed);
  }

  /** The size of a chunk; a registry may have a least one. */
  private static int chunk(Optional<String> least) {
    return least
        .filter(text -> text.matches("[0-9]{1,18}"))
        .map(text -> Math.clamp(Long.parseLong(text), CHUNK, LARGEST_CHUNK))
        .orElse(CHUNK);
  }

  private URI patch(URI session, long from, byte[] bytes) throws IOException {
    HttpResponse<byte[]> response =
        transport.sendOnce(
            HttpRequest.newBuilder(session)
                .header("Content-Type", "application/octet-stream")
                .header("Content-Range", from + "-" + (from + bytes.length - 1))
                .method("PATCH", HttpRequest.BodyPublishers.ofByteArray(bytes)),
            ACTIONS,
            HttpResponse.BodyHandlers.ofByteArray());
    transport.expect(response, 202);
    return transport.location(response);
  }

  /** Whether the session's status is worth asking for: what passes, what is gone, a wrong range. */
  private static boolean maySaySo(int status) {
    return RegistryException.mayPass(status) || status == 404 || status == 416;
  }

  /**
   * How many bytes the session has; empty where that is not clear. {@code Range: 0-0} is not: it
   * ought to mean one byte and is what registries say of an empty session.
   */
  private static OptionalLong received(HttpResponse<byte[]> status, long most) {
    if (status.statusCode() != 204 && status.statusCode() != 202) {
      return OptionalLong.empty();
    }
    Matcher matcher = RANGE.matcher(status.headers().firstValue("Range").orElse(""));
    if (!matcher.matches() || status.headers().firstValue("Location").isEmpty()) {
      return OptionalLong.empty();
    }
    long last = Long.parseLong(matcher.group(1));
    return last == 0 || last >= most ? OptionalLong.empty() : OptionalLong.of(last + 1);
  }

  private void finish(URI session, boolean resumed) throws IOException, SessionLost {
    String query = "digest=" + PercentEncoding.encode(descriptor.digest().toString());
    URI address = URI.create(session + (session.getRawQuery() == null ? "?" : "&") + query);
    HttpResponse<byte[]> response =
        transport.send(
            () ->
                HttpRequest.newBuilder(address)
                    .header("Content-Type", "application/octet-stream")
                    .PUT(HttpRequest.BodyPublishers.noBody()),
            ACTIONS);
    if (response.statusCode() == 201) {
      return;
    }
    RegistryException refused = transport.unexpected(response, "201");
    // What was put together of two halves may not fit: a registry may count ranges its own way.
    if (response.statusCode() == 404 || (resumed && refused.isRefusal())) {
      throw new SessionLost(refused);
    }
    throw refused;
  }

  private static byte[] read(FileChannel channel, long at, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(size);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("the blob's file was cut off");
      }
    }
    return buffer.array();
  }
}
