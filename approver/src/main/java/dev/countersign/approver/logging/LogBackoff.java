package dev.countersign.approver.logging;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * When trouble that lasts is logged: at once, and then after pauses that double from half a minute
 * to ten minutes, however often it is met meanwhile. Trouble that was not met for a whole pause is
 * new. Thread-safe.
 */
public final class LogBackoff {
  private static final Duration FIRST = Duration.ofSeconds(30);
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** More kinds of trouble of one thing than this are forgotten together. */
  private static final int MOST_KINDS = 16;

  private final InstantSource clock;
  private final Map<String, Map<String, State>> troubles = new HashMap<>();

  private record State(Instant next, Duration pause, Instant last, int suppressed) {
    boolean isOver(Instant now) {
      return !now.isBefore(last.plus(pause));
    }
  }

  /** Nothing is in trouble. */
  public LogBackoff(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Notes that something met with trouble.
   *
   * @param about what it is, of a bounded set, such as a collection
   * @param why its trouble
   * @return how often it was met since it was last logged, where it is to be logged now
   */
  public synchronized OptionalInt shouldLog(String about, String why) {
    Instant now = clock.instant();
    Map<String, State> kinds = troubles.computeIfAbsent(about, _ -> new HashMap<>());
    State before = kinds.get(why);
    if (before == null || before.isOver(now)) {
      if (before == null && kinds.size() >= MOST_KINDS) {
        kinds.clear();
      }
      kinds.put(why, new State(now.plus(FIRST), FIRST, now, 0));
    } else if (now.isBefore(before.next())) {
      kinds.put(why, new State(before.next(), before.pause(), now, before.suppressed() + 1));
      return OptionalInt.empty();
    } else {
      Duration doubled = before.pause().multipliedBy(2);
      Duration pause = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
      kinds.put(why, new State(now.plus(pause), pause, now, 0));
    }
    return OptionalInt.of(before == null ? 1 : before.suppressed() + 1);
  }

  /** Notes that something works again: its next trouble is logged at once. */
  public synchronized void reset(String about) {
    troubles.remove(about);
  }
}
