package dev.countersign.kube.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;

/**
 * An answer whose body is still being read. Must be closed; a body read to its end lets the
 * connection be used again, any other is dropped with its connection. Not thread-safe, but {@link
 * #abort} may be called from any thread.
 */
public final class HttpResponse implements AutoCloseable {
  private final int status;
  private final Map<String, String> headers;
  private final BodyStream body;
  private final HttpConnection connection;

  HttpResponse(
      int status, Map<String, String> headers, BodyStream body, HttpConnection connection) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.connection = connection;
  }

  /** The status code, for example 200. */
  public int status() {
    return status;
  }

  /** A header's value, by its name in lower case. */
  public Optional<String> header(String lowerCaseName) {
    return Optional.ofNullable(headers.get(lowerCaseName));
  }

  /** The body with the transfer coding taken off. */
  public InputStream body() {
    return body;
  }

  /** Gives the connection back or, where the body was not read to its end, closes it. */
  @Override
  public void close() throws IOException {
    body.close();
  }

  /** Cuts the connection; a thread that reads the body gets an {@link IOException}. */
  public void abort() {
    connection.discard();
  }
}
