package dev.countersign.approver.health;

import dev.countersign.kube.watch.WatchProgress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the approver is worth keeping (live) and worth counting on (ready). Thread-safe.
 *
 * <p>Live: every watch has heard from the API server, or tried to reach it, and work that waits is
 * being done. An API server that is down does not make it not live: a restart would not help.
 * Ready: all caches are complete, and we lead or a leader is known.
 */
public final class Health {
  private static final Duration STUCK_AFTER = Duration.ofMinutes(3);

  private final List<? extends WatchProgress> watches;
  private final IntSupplier working;
  private final BooleanSupplier leaderKnown;
  private final LongSupplier nanoTime;
  private volatile long lastProgressNanos;
  private volatile @Nullable String broken;
  private volatile Optional<String> remark = Optional.empty();

  /**
   * The health of an approver made of these parts.
   *
   * @param watches looked at each time: there may be more of them later, in a list that is safe for
   *     that
   * @param working how many decisions are in progress
   */
  public Health(
      List<? extends WatchProgress> watches, IntSupplier working, BooleanSupplier leaderKnown) {
    this(watches, working, leaderKnown, System::nanoTime);
  }

  /**
   * One with a monotonic clock of its own.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  Health(
      List<? extends WatchProgress> watches,
      IntSupplier working,
      BooleanSupplier leaderKnown,
      LongSupplier nanoTime) {
    this.watches = watches;
    this.working = working;
    this.leaderKnown = leaderKnown;
    this.nanoTime = nanoTime;
    this.lastProgressNanos = nanoTime.getAsLong();
  }

  /** Says that a decision begins: from none, which may have been so for days, to one. */
  public void begins() {
    if (working.getAsInt() <= 1) {
      lastProgressNanos = nanoTime.getAsLong();
    }
  }

  /** Says that a decision was finished. */
  public void progress() {
    lastProgressNanos = nanoTime.getAsLong();
  }

  /** Says that a part has ended that never should. */
  public void broken(String what) {
    broken = what;
  }

  /** Why it should be restarted, if it should. */
  public Optional<String> notLive() {
    String what = broken;
    if (what != null) {
      return Optional.of(what);
    }
    for (WatchProgress watch : watches) {
      if (watch.sinceLastAttempt().compareTo(STUCK_AFTER) > 0) {
        return Optional.of(
            "watch of " + watch.name() + ": nothing for " + watch.sinceLastAttempt());
      }
    }
    Duration idle = Duration.ofNanos(nanoTime.getAsLong() - lastProgressNanos);
    if (working.getAsInt() > 0 && idle.compareTo(STUCK_AFTER) > 0) {
      return Optional.of("queue: " + working.getAsInt() + " decisions, none finished for " + idle);
    }
    return Optional.empty();
  }

  /** Says what whoever looks at a ready approver should know; empty for nothing. */
  public void remark(Optional<String> what) {
    remark = what;
  }

  /** What whoever looks at a ready approver should know, if anything. */
  public Optional<String> remark() {
    return remark;
  }

  /** Why it cannot be counted on, if it cannot. */
  public Optional<String> notReady() {
    for (WatchProgress watch : watches) {
      if (!watch.synced() && watch.missing().isEmpty()) {
        return Optional.of("the list of " + watch.name() + " is not complete yet");
      }
    }
    return leaderKnown.getAsBoolean()
        ? Optional.empty()
        : Optional.of("no replica is known to lead");
  }
}
