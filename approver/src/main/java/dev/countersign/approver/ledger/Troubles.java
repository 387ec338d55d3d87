package dev.countersign.approver.ledger;

import dev.countersign.approver.log.StructuredLog;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What kept records from being written in one pass over them: said once for each cause, however
 * many records it meets, and followed by a pause that doubles from one pass in trouble to the next.
 *
 * <p>Not safe for use by several threads.
 */
final class Troubles {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** A cause and what is to be done about it; empty where it may pass by itself. */
  record Trouble(String why, String next) {}

  private final Map<Trouble, Integer> ofThisPass = new LinkedHashMap<>();
  private int passesInARow;

  /** Notes that so many names and addresses could not be recorded. */
  void add(Trouble trouble, int claims) {
    ofThisPass.merge(trouble, claims, Integer::sum);
  }

  /** Ends a pass; returns how long to wait before the next, zero after one without trouble. */
  Duration endPass(StructuredLog log) {
    if (ofThisPass.isEmpty()) {
      passesInARow = 0;
      return Duration.ZERO;
    }
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(passesInARow, 5));
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      pause = LONGEST_PAUSE;
    }
    passesInARow++;
    String again = "tried again in " + pause.toSeconds() + " s";
    ofThisPass.forEach(
        (trouble, claims) ->
            log.warn(
                "address-record-not-written",
                "claims",
                claims,
                "why",
                trouble.why(),
                "next",
                trouble.next().isEmpty() ? again : trouble.next() + "; " + again));
    ofThisPass.clear();
    return pause;
  }
}
