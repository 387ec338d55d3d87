package dev.countersign.kube.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** One connection, used by one request at a time. */
final class HttpConnection {
  private static final int MAX_HEAD = 64 * 1024;
  private static final int BUFFER = 8 * 1024;
  private static final long NOT_WAITING = Long.MAX_VALUE;
  private static final long CUT = Long.MIN_VALUE;

  private final HttpTransport pool;
  private final Socket raw;
  private final Socket secured;
  private final InputStream in;
  private final OutputStream out;

  /** Made when the first answer is read: a connection that was opened ahead may never have one. */
  private byte[] buffer = {};

  private int position;
  private int limit;
  private int headBytes;
  private long readTimeout;
  private long deadline;

  /** Until when the peer may be silent; taken back by whoever waits, or by {@link Deadlines}. */
  private final AtomicLong silentUntil = new AtomicLong(NOT_WAITING);

  private volatile boolean usable = true;
  private volatile long idleSince;
  private volatile long lastHeard = System.nanoTime();
  private volatile boolean streaming;
  private boolean answered;

  HttpConnection(HttpTransport pool, Socket raw, Socket secured) throws IOException {
    this.pool = pool;
    this.idleSince = pool.nanoTime();
    this.raw = raw;
    this.secured = secured;
    this.in = secured.getInputStream();
    this.out = secured.getOutputStream();
  }

  /** Whether any byte of the answer to the latest request has arrived. */
  boolean answered() {
    return answered;
  }

  long idleNanos() {
    return pool.nanoTime() - idleSince;
  }

  HttpResponse exchange(HttpRequest request, byte[] message) throws IOException {
    answered = false;
    headBytes = 0;
    readTimeout = Math.max(1, request.readTimeout().toNanos());
    lastHeard = System.nanoTime();
    streaming = request.deadline().isEmpty();
    deadline =
        request
            .deadline()
            .map(limit -> pool.deadlines().now() + limit.toNanos())
            .orElse(NOT_WAITING);
    within(
        () -> {
          out.write(message);
          out.flush();
          return 0;
        });
    int status = readStatus();
    while (status >= 100 && status < 200) {
      readHeaders();
      status = readStatus();
    }
    Map<String, String> headers = readHeaders();
    if ("close".equalsIgnoreCase(headers.get("connection"))) {
      usable = false;
    }
    BodyStream body;
    if (status == 204 || status == 304) {
      body = BodyStream.ofLength(this, 0);
    } else if (headers.containsKey("transfer-encoding")) {
      if (!"chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
        discard();
        throw new IOException("transfer-encoding: got another than chunked");
      }
      body = BodyStream.chunked(this);
    } else {
      Optional<Long> length = contentLength(headers);
      body =
          length.isPresent()
              ? BodyStream.ofLength(this, length.get())
              : BodyStream.untilClose(this);
    }
    return new HttpResponse(status, headers, body, this);
  }

  private static Optional<Long> contentLength(Map<String, String> headers) throws IOException {
    String text = headers.get("content-length");
    if (text == null) {
      return Optional.empty();
    }
    try {
      long length = Long.parseLong(text);
      if (length >= 0) {
        return Optional.of(length);
      }
    } catch (NumberFormatException e) {
      throw new IOException("content-length: got something that is no number", e);
    }
    throw new IOException("content-length: got a negative number");
  }

  private int readStatus() throws IOException {
    String line = readLine();
    if (line.length() < 12 || !line.startsWith("HTTP/1.")) {
      discard();
      throw new IOException("the server does not speak HTTP/1.1");
    }
    try {
      return Integer.parseInt(line.substring(9, 12));
    } catch (NumberFormatException e) {
      discard();
      throw new IOException("the server's status line has no status code", e);
    }
  }

  private Map<String, String> readHeaders() throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (String line = readLine(); !line.isEmpty(); line = readLine()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
            line.substring(colon + 1).strip());
      }
    }
    headBytes = 0;
    return headers;
  }

  /** One line of a response head or of a chunk's frame, without its end of line. */
  String readLine() throws IOException {
    StringBuilder before = null;
    while (true) {
      if (position == limit && !fill()) {
        discard();
        throw new EOFException("the connection ended inside a response head");
      }
      int start = position;
      while (position < limit && buffer[position] != '\n') {
        position++;
      }
      String part = new String(buffer, start, position - start, StandardCharsets.ISO_8859_1);
      headBytes += position - start;
      if (headBytes > MAX_HEAD) {
        discard();
        throw new IOException("a response head is longer than " + MAX_HEAD + " bytes");
      }
      if (position < limit) {
        position++;
        String line = before == null ? part : before.append(part).toString();
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      }
      before = (before == null ? new StringBuilder() : before).append(part);
    }
  }

  int read(byte[] target, int offset, int length) throws IOException {
    headBytes = 0;
    if (position == limit) {
      if (length >= BUFFER) {
        return receive(target, offset, length);
      }
      if (!fill()) {
        return -1;
      }
    }
    int count = Math.min(length, limit - position);
    System.arraycopy(buffer, position, target, offset, count);
    position += count;
    return count;
  }

  boolean hasBuffered() {
    return position < limit;
  }

  private boolean fill() throws IOException {
    if (buffer.length == 0) {
      buffer = new byte[BUFFER];
    }
    int count = receive(buffer, 0, buffer.length);
    if (count < 0) {
      return false;
    }
    position = 0;
    limit = count;
    return true;
  }

  private int receive(byte[] target, int offset, int length) throws IOException {
    int count = within(() -> in.read(target, offset, length));
    answered |= count > 0;
    lastHeard = System.nanoTime();
    return count;
  }

  private interface Transfer {
    int run() throws IOException;
  }

  /** Lets the connection be cut when the peer leaves us waiting for too long. */
  private int within(Transfer transfer) throws IOException {
    long begun = pool.deadlines().now();
    long until = Math.min(begun + readTimeout, deadline);
    if (until <= begun) {
      discard();
      throw new SocketTimeoutException("no complete answer within the time limit");
    }
    silentUntil.set(until);
    pool.deadlines().begun(until);
    int count;
    try {
      count = transfer.run();
    } catch (IOException e) {
      discard();
      if (silentUntil.getAndSet(NOT_WAITING) != CUT) {
        throw e;
      }
      SocketTimeoutException timeout = cutSince(begun);
      timeout.initCause(e);
      throw timeout;
    }
    if (silentUntil.getAndSet(NOT_WAITING) == CUT) {
      // At the very same moment: the connection is closed, and nobody may use it any more.
      throw cutSince(begun);
    }
    return count;
  }

  private SocketTimeoutException cutSince(long begun) {
    long silent = pool.deadlines().now() - begun;
    pool.timedOut(silent);
    return new SocketTimeoutException("nothing received for " + Math.round(silent / 1e6) + " ms");
  }

  /**
   * Cuts the connection where its peer has left us waiting for too long.
   *
   * @param now by the clock of {@link Deadlines}
   * @return when to look again
   */
  long cutIfOverdue(long now) {
    long until = silentUntil.get();
    if (until == CUT) {
      return NOT_WAITING;
    }
    if (until <= now && silentUntil.compareAndSet(until, CUT)) {
      discard();
      return NOT_WAITING;
    }
    return Math.max(until, now);
  }

  boolean isUsable() {
    return usable;
  }

  /** Whether it carries a stream on which nothing has come for so long. */
  boolean isStreamSilentFor(long nanos) {
    return streaming && System.nanoTime() - lastHeard >= nanos;
  }

  void markUnusable() {
    usable = false;
  }

  void release() {
    if (usable && position == limit) {
      idleSince = pool.nanoTime();
      pool.giveBack(this);
    } else {
      discard();
    }
  }

  /**
   * Ends the connection at once. The TLS layer is not asked to say goodbye: that may block on a
   * dead connection.
   */
  void discard() {
    usable = false;
    pool.forget(this);
    try {
      raw.close();
    } catch (IOException e) {
      // Closing is all we wanted.
    }
  }

  @Override
  public String toString() {
    return "connection to " + secured.getRemoteSocketAddress();
  }
}
