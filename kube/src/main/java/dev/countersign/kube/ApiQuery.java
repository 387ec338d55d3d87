package dev.countersign.kube;

import dev.countersign.common.text.PercentEncoding;

/**
 * A request target: path segments and query parameters, each percent-encoded, so that no name can
 * break out of its place.
 */
public final class ApiQuery {
  private final StringBuilder text = new StringBuilder();
  private boolean hasParameter;

  private ApiQuery() {}

  /**
   * Starts with a path, each segment given on its own, for example {@code "api", "v1", "nodes"}.
   */
  public static String path(String... segments) {
    StringBuilder path = new StringBuilder();
    for (String segment : segments) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        throw new IllegalArgumentException(
            "a path segment must not be empty or dots; got \"" + segment + "\"");
      }
      path.append('/').append(PercentEncoding.encode(segment));
    }
    return path.toString();
  }

  /** A target that starts with an encoded path from {@link #path}. */
  public static ApiQuery of(String encodedPath) {
    ApiQuery query = new ApiQuery();
    query.text.append(encodedPath);
    return query;
  }

  /** Adds a parameter; an empty value is left out. */
  public ApiQuery with(String name, String value) {
    if (!value.isEmpty()) {
      text.append(hasParameter ? '&' : '?')
          .append(name)
          .append('=')
          .append(PercentEncoding.encode(value));
      hasParameter = true;
    }
    return this;
  }

  /** The target as it is sent. */
  public String target() {
    return text.toString();
  }
}
