package dev.countersign.kube.http;

import java.io.InputStream;
import java.util.Optional;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;

/**
 * A response whose body is still being read. Must be closed; a body read to its end lets the
 * connection be used again, any other is dropped with its connection. Not thread-safe, but {@link
 * #abort} may be called from any thread.
 */
public final class HttpResponse implements AutoCloseable {
  private final Exchange exchange;
  private final ClassicHttpResponse head;
  private final InputStream body;

  HttpResponse(Exchange exchange, ClassicHttpResponse head, InputStream body) {
    this.exchange = exchange;
    this.head = head;
    this.body = body;
  }

  /** The status code, for example 200. */
  public int status() {
    return head.getCode();
  }

  /** A header's value. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(head.getFirstHeader(name)).map(Header::getValue);
  }

  /** The body with the transfer coding taken off. */
  public InputStream body() {
    return body;
  }

  /** Closes the connection unless the body was read to its end. */
  @Override
  public void close() {
    exchange.cut();
  }

  /** Cuts the connection; a thread that reads the body gets an {@link java.io.IOException}. */
  public void abort() {
    exchange.cut();
  }
}
