package dev.countersign.approver.controller;

import dev.countersign.policy.decision.Violation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** What is remembered of a pending request between two looks at it. */
final class RequestMemory {
  /** A request often comes a moment before its Node; that is not worth a report. */
  private static final Duration ANNOUNCE_AFTER = Duration.ofSeconds(2);

  final long seenNanos;
  final AtomicBoolean retryPlanned = new AtomicBoolean();
  volatile List<Violation> deferredFor = List.of();
  volatile long deferredSinceNanos;
  volatile boolean deferralAnnounced;
  volatile boolean recorded;
  volatile boolean outcomeUnknown;
  volatile int failures;
  volatile int conflicts;

  RequestMemory(long seenNanos) {
    this.seenNanos = seenNanos;
  }

  /** What is to be reported of it at that time; nothing where nothing is, or it has been. */
  List<Violation> unreportedAt(long nanos) {
    List<Violation> held = deferredFor;
    return deferralAnnounced || nanos - deferredSinceNanos <= ANNOUNCE_AFTER.toNanos()
        ? List.of()
        : held;
  }
}
