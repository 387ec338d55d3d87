package dev.countersign.image.publish;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

/**
 * How often and how fast a request is tried again.
 *
 * @param attempts at least 1
 * @param firstPause before the second attempt; doubled for each further one, up to 20 s
 * @param responseTimeout longest wait for the head of a response, the request's upload (at most 64
 *     MiB) included
 */
public record RetryPolicy(int attempts, Duration firstPause, Duration responseTimeout) {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(20);

  public RetryPolicy {
    Objects.requireNonNull(firstPause, "firstPause");
    Objects.requireNonNull(responseTimeout, "responseTimeout");
  }

  /** Six attempts over half a minute, five minutes for a response. */
  public static RetryPolicy usual() {
    return new RetryPolicy(6, Duration.ofSeconds(1), Duration.ofMinutes(5));
  }

  /** Waits after an attempt that failed, the first being 1. */
  void pauseAfter(int attempt) throws IOException {
    Duration pause = firstPause.multipliedBy(1L << Math.min(attempt - 1, 20));
    try {
      Thread.sleep(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    }
  }
}
