package dev.countersign.kube.watch;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses that double from a first one up to a longest one, each shortened at random by up to a
 * half, so that many clients do not come back at the same moment. Not thread-safe.
 */
public final class Backoff {
  private final Duration first;
  private final Duration longest;
  private final RandomGenerator random;
  private int failures;

  /** A back-off in its initial state. */
  public Backoff(Duration first, Duration longest, RandomGenerator random) {
    if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "back-off: got " + first + " to " + longest + "; want 0 < first <= longest");
    }
    this.first = first;
    this.longest = longest;
    this.random = random;
  }

  /** The pause after one more failure. */
  public Duration next() {
    long full = first.toMillis() << Math.min(failures, 20);
    failures++;
    long millis = Math.clamp(full, 1, longest.toMillis());
    return Duration.ofMillis(millis - random.nextLong(millis / 2 + 1));
  }

  /** Starts over after a success. */
  public void reset() {
    failures = 0;
  }
}
