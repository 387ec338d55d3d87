package dev.countersign.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands still until a test moves it. Safe for use by several threads. */
public final class FixedClock implements InstantSource {
  private final AtomicReference<Instant> now;

  private FixedClock(Instant now) {
    this.now = new AtomicReference<>(now);
  }

  /** A clock that stands at an instant, such as {@code 2026-01-01T00:00:00Z}. */
  public static FixedClock at(String instant) {
    return new FixedClock(Instant.parse(instant));
  }

  /** A clock that stands at an instant. */
  public static FixedClock at(Instant instant) {
    return new FixedClock(instant);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  /** Moves the clock; backwards by a negative duration. */
  public void advance(Duration by) {
    now.updateAndGet(instant -> instant.plus(by));
  }
}
