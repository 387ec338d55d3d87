package dev.countersign.kube.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;

/**
 * One request.
 *
 * @param method the method
 * @param target the path with its query, percent-encoded
 * @param headers values by their names
 * @param body what is sent
 * @param readTimeout how long the server may be silent
 * @param deadline for the whole response; none where it streams
 * @param repeatable whether a repeat is harmless
 * @see HttpTransport#send
 */
public record HttpRequest(
    Method method,
    String target,
    Map<String, List<String>> headers,
    Optional<HttpEntity> body,
    Duration readTimeout,
    Optional<Duration> deadline,
    boolean repeatable) {
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

  /** Checks that nothing breaks out of its line. */
  public HttpRequest {
    Objects.requireNonNull(method);
    requireOneLine(target);
    headers.keySet().forEach(HttpRequest::requireOneLine);
    headers.values().forEach(values -> values.forEach(HttpRequest::requireOneLine));
    Objects.requireNonNull(body);
    Objects.requireNonNull(readTimeout);
    Objects.requireNonNull(deadline);
  }

  /** A request without a body, to be answered in full within {@code timeout}. */
  public static HttpRequest of(Method method, String target, String accept, Duration timeout) {
    return new HttpRequest(
        method,
        target,
        Map.of("Accept", List.of(accept)),
        Optional.empty(),
        timeout,
        Optional.of(timeout),
        method.repeatable);
  }

  /** The same request with a body. */
  public HttpRequest withBody(String type, byte[] content) {
    return new HttpRequest(
        method,
        target,
        with("Content-Type", type),
        Optional.of(new ByteArrayEntity(content, null)),
        readTimeout,
        deadline,
        repeatable);
  }

  /**
   * The same request for a response that streams for as long as it likes, provided that something
   * arrives at least every {@code idle}.
   */
  public HttpRequest streaming(Duration idle) {
    return new HttpRequest(method, target, headers, body, idle, Optional.empty(), repeatable);
  }

  /** The same request, said to be harmless when repeated although its method does not say so. */
  public HttpRequest asRepeatable() {
    return new HttpRequest(method, target, headers, body, readTimeout, deadline, true);
  }

  /** The same request with one more header, for example {@code Impersonate-User}. */
  public HttpRequest withHeader(String name, String value) {
    return new HttpRequest(
        method, target, with(name, value), body, readTimeout, deadline, repeatable);
  }

  private Map<String, List<String>> with(String name, String value) {
    Map<String, List<String>> more = new LinkedHashMap<>(headers);
    List<String> values = new ArrayList<>(headers.getOrDefault(name, List.of()));
    values.add(value);
    more.put(name, values);
    return more;
  }

  private static void requireOneLine(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        throw new IllegalArgumentException(
            "a request line or header must be printable ASCII; character " + (int) c + " at " + i);
      }
    }
  }

  @Override
  public String toString() {
    return method + " " + target;
  }
}
