package dev.countersign.approver.logging;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How many lines a minute one requestor gets, so that one that floods requests does not fill the
 * log. Thread-safe; remembers requestors of the current minute only.
 */
public final class LogRateLimiter {
  private final int perMinute;
  private Instant windowEnd = Instant.MIN;
  private final Map<String, Integer> used = new HashMap<>();

  /** A budget of {@code perMinute} lines for each requestor. */
  public LogRateLimiter(int perMinute) {
    this.perMinute = perMinute;
  }

  /** What to do with a line. */
  public enum Verdict {
    /** Write it. */
    WRITE,
    /** Write it, and say that it is the last one of this minute. */
    WRITE_LAST,
    /** Leave it out. */
    LEAVE_OUT
  }

  /** Takes one line from a requestor's budget. */
  public synchronized Verdict take(String requestor, Instant now) {
    if (!now.isBefore(windowEnd)) {
      used.clear();
      windowEnd = now.plus(Duration.ofMinutes(1));
    }
    int count = used.merge(requestor, 1, Integer::sum);
    return count < perMinute
        ? Verdict.WRITE
        : count == perMinute ? Verdict.WRITE_LAST : Verdict.LEAVE_OUT;
  }
}
