package dev.countersign.kube.http;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * One request. Immutable, apart from {@link #body()} which callers must not change.
 *
 * @see HttpTransport#send
 */
public final class HttpRequest {
  /** The methods the Kubernetes API uses, and whether a repeat is harmless. */
  public enum Method {
    GET(true),
    PUT(true),
    DELETE(true),
    PATCH(false),
    POST(false);

    private final boolean repeatable;

    Method(boolean repeatable) {
      this.repeatable = repeatable;
    }
  }

  private final Method method;
  private final String target;
  private final String accept;
  private final Optional<String> contentType;
  private final byte[] body;
  private final Duration readTimeout;
  private final Optional<Duration> deadline;
  private final boolean repeatable;
  private final String moreHeaders;

  private HttpRequest(
      Method method,
      String target,
      String accept,
      Optional<String> contentType,
      byte[] body,
      Duration readTimeout,
      Optional<Duration> deadline,
      boolean repeatable,
      String moreHeaders) {
    this.method = Objects.requireNonNull(method);
    this.target = requireOneLine(target);
    this.accept = requireOneLine(accept);
    this.contentType = contentType.map(HttpRequest::requireOneLine);
    this.body = body;
    this.readTimeout = readTimeout;
    this.deadline = deadline;
    this.repeatable = repeatable;
    this.moreHeaders = moreHeaders;
  }

  /** A request without a body. {@code target} is the path with its query, percent-encoded. */
  public static HttpRequest of(Method method, String target, String accept, Duration timeout) {
    return new HttpRequest(
        method,
        target,
        accept,
        Optional.empty(),
        new byte[0],
        timeout,
        Optional.of(timeout),
        method.repeatable,
        "");
  }

  /** The same request with a body. */
  public HttpRequest withBody(String type, byte[] content) {
    return new HttpRequest(
        method,
        target,
        accept,
        Optional.of(type),
        content,
        readTimeout,
        deadline,
        repeatable,
        moreHeaders);
  }

  /**
   * The same request for an answer that streams for as long as it likes, provided that something
   * arrives at least every {@code idle}.
   */
  public HttpRequest streaming(Duration idle) {
    return new HttpRequest(
        method, target, accept, contentType, body, idle, Optional.empty(), repeatable, moreHeaders);
  }

  /** The same request, said to be harmless when repeated although its method does not say so. */
  public HttpRequest asRepeatable() {
    return new HttpRequest(
        method, target, accept, contentType, body, readTimeout, deadline, true, moreHeaders);
  }

  /** The same request with one more header, for example {@code Impersonate-User}. */
  public HttpRequest withHeader(String name, String value) {
    return new HttpRequest(
        method,
        target,
        accept,
        contentType,
        body,
        readTimeout,
        deadline,
        repeatable,
        moreHeaders + requireOneLine(name) + ": " + requireOneLine(value) + "\r\n");
  }

  String moreHeaders() {
    return moreHeaders;
  }

  /** The method. */
  public Method method() {
    return method;
  }

  /** Path and query. */
  public String target() {
    return target;
  }

  String accept() {
    return accept;
  }

  Optional<String> contentType() {
    return contentType;
  }

  byte[] body() {
    return body;
  }

  Duration readTimeout() {
    return readTimeout;
  }

  Optional<Duration> deadline() {
    return deadline;
  }

  boolean repeatable() {
    return repeatable;
  }

  private static String requireOneLine(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        throw new IllegalArgumentException(
            "a request line or header must be printable ASCII; character " + (int) c + " at " + i);
      }
    }
    return text;
  }

  @Override
  public String toString() {
    return method + " " + target;
  }
}
