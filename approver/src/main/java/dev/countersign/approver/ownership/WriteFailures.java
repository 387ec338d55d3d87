package dev.countersign.approver.ownership;

import dev.countersign.approver.logging.StructuredLog;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What kept records from being written: said once for each cause, however many shards it meets. Not
 * safe for use by several threads.
 */
final class WriteFailures {
  /** A cause and what is to be done about it; empty where it may pass by itself. */
  record Trouble(String why, String next) {}

  private record Extent(int shards, Duration pause) {
    Extent and(Extent other) {
      return new Extent(
          shards + other.shards, pause.compareTo(other.pause) < 0 ? other.pause : pause);
    }
  }

  private final Map<Trouble, Extent> unsaid = new LinkedHashMap<>();

  /** Notes that a shard could not be written, and when that is tried again. */
  void add(Trouble trouble, Duration pause) {
    unsaid.merge(trouble, new Extent(1, pause), Extent::and);
  }

  /** Says what was noted. */
  void say(StructuredLog log) {
    unsaid.forEach(
        (trouble, extent) -> {
          String again = "tried again in " + extent.pause().toSeconds() + " s";
          log.warn(
              "address-record-not-written",
              "shards",
              extent.shards(),
              "why",
              trouble.why(),
              "next",
              trouble.next().isEmpty() ? again : trouble.next() + "; " + again);
        });
    unsaid.clear();
  }
}
