package dev.countersign.kube;

import java.time.Duration;
import java.util.Objects;

/**
 * Time limits and the like.
 *
 * @param userAgent sent with each request; shows up in audit logs
 * @param connectTimeout for the TCP connection and the TLS handshake
 * @param requestTimeout for a whole answer that is not a watch or a list page
 * @param listTimeout for one page of a list
 * @param retries how often a request is repeated that the server throttled (429) or asked to repeat
 * @param longestRetryAfter the longest that a server can make a request wait
 */
public record ApiClientOptions(
    String userAgent,
    Duration connectTimeout,
    Duration requestTimeout,
    Duration listTimeout,
    int retries,
    Duration longestRetryAfter) {
  /** Checks that nothing is missing or negative. */
  public ApiClientOptions {
    Objects.requireNonNull(userAgent);
    requirePositive(connectTimeout, "connectTimeout");
    requirePositive(requestTimeout, "requestTimeout");
    requirePositive(listTimeout, "listTimeout");
    requirePositive(longestRetryAfter, "longestRetryAfter");
    if (retries < 0) {
      throw new IllegalArgumentException("retries: got " + retries + "; want 0 or more");
    }
  }

  /** Limits that suit a controller on the same network as its API server. */
  public static ApiClientOptions defaults() {
    return new ApiClientOptions(
        "countersign",
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofSeconds(60),
        6,
        Duration.ofSeconds(20));
  }

  private static void requirePositive(Duration duration, String name) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException(name + ": got " + duration + "; want more than zero");
    }
  }
}
