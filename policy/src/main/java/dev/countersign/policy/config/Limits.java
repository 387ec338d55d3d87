package dev.countersign.policy.config;

import java.time.Duration;
import java.util.Optional;

/**
 * Sizes and numbers.
 *
 * @param requestBytes most bytes of {@code spec.request}
 * @param names most DNS names and IP addresses together
 * @param shortest shortest {@code spec.expirationSeconds} asked for
 * @param longest longest {@code spec.expirationSeconds} asked for
 * @param pendingPerNode how many of a Node's newest undecided requests are looked at; empty for all
 */
public record Limits(
    int requestBytes,
    int names,
    Duration shortest,
    Duration longest,
    Optional<Integer> pendingPerNode) {
  public Limits {
    PolicyConfig.require(requestBytes >= 512, "requestBytes must be 512 or more");
    PolicyConfig.require(names >= 1, "names must be 1 or more");
    PolicyConfig.require(shortest.isPositive(), "shortest must be positive");
    PolicyConfig.require(longest.compareTo(shortest) >= 0, "longest must not be below shortest");
    PolicyConfig.require(
        pendingPerNode.filter(n -> n < 1).isEmpty(), "pendingPerNode must be 1 or more");
  }

  /** 16 KiB, 100 names, 10 minutes (the API server's own bound) to 366 days, all pending. */
  public static Limits defaults() {
    return new Limits(
        16 * 1024, 100, Duration.ofMinutes(10), Duration.ofDays(366), Optional.empty());
  }
}
