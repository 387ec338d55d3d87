package dev.countersign.kube.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** A message body (RFC 9112 section 6): by length, in chunks, or until the connection ends. */
final class BodyStream extends InputStream {
  private enum Framing {
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }

  private static final int DRAIN_LIMIT = 64 * 1024;

  private final HttpConnection connection;
  private final Framing framing;
  private long remaining;
  private boolean firstChunk = true;
  private boolean ended;
  private boolean released;

  private BodyStream(HttpConnection connection, Framing framing, long remaining) {
    this.connection = connection;
    this.framing = framing;
    this.remaining = remaining;
    this.ended = framing == Framing.LENGTH && remaining == 0;
  }

  static BodyStream ofLength(HttpConnection connection, long length) {
    BodyStream body = new BodyStream(connection, Framing.LENGTH, length);
    body.releaseIfEnded();
    return body;
  }

  static BodyStream chunked(HttpConnection connection) {
    return new BodyStream(connection, Framing.CHUNKED, 0);
  }

  static BodyStream untilClose(HttpConnection connection) {
    connection.markUnusable();
    return new BodyStream(connection, Framing.UNTIL_CLOSE, Long.MAX_VALUE);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (ended) {
      return -1;
    }
    if (length == 0) {
      return 0;
    }
    if (framing == Framing.CHUNKED && remaining == 0 && !nextChunk()) {
      return -1;
    }
    int count = connection.read(target, offset, (int) Math.min(length, remaining));
    if (count < 0) {
      connection.discard();
      ended = true;
      released = true;
      if (framing == Framing.UNTIL_CLOSE) {
        return -1;
      }
      throw new EOFException("the connection ended inside a response body");
    }
    remaining -= count;
    if (framing == Framing.LENGTH && remaining == 0) {
      ended = true;
      releaseIfEnded();
    }
    return count;
  }

  private boolean nextChunk() throws IOException {
    if (!firstChunk && !connection.readLine().isEmpty()) {
      connection.discard();
      throw new IOException("a response chunk is longer than its size says");
    }
    firstChunk = false;
    String line = connection.readLine();
    int semicolon = line.indexOf(';');
    String digits = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
    try {
      if (digits.isEmpty() || digits.length() > 15 || digits.charAt(0) == '-') {
        throw new NumberFormatException(digits);
      }
      remaining = Long.parseLong(digits, 16);
    } catch (NumberFormatException e) {
      connection.discard();
      throw new IOException("a response chunk does not start with its size", e);
    }
    if (remaining > 0) {
      return true;
    }
    String trailer = connection.readLine();
    while (!trailer.isEmpty()) {
      trailer = connection.readLine();
    }
    ended = true;
    releaseIfEnded();
    return false;
  }

  private void releaseIfEnded() {
    if (ended && !released) {
      released = true;
      connection.release();
    }
  }

  /**
   * Reads a short rest, so that the connection can be used again; drops the connection otherwise.
   */
  @Override
  public void close() throws IOException {
    if (released) {
      return;
    }
    try {
      byte[] scratch = new byte[2048];
      int drained = 0;
      while (drained < DRAIN_LIMIT && !ended && connection.hasBuffered()) {
        int count = read(scratch, 0, scratch.length);
        if (count < 0) {
          break;
        }
        drained += count;
      }
    } catch (IOException e) {
      connection.discard();
    }
    if (!released) {
      released = true;
      connection.discard();
    }
  }
}
