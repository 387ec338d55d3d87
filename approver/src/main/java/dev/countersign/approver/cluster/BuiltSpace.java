package dev.countersign.approver.cluster;

import dev.countersign.policy.fact.ProtectedSpace;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What is the cluster's own, built anew when it is asked for and has changed. Thread-safe. */
final class BuiltSpace {
  private final Supplier<ProtectedSpace> build;
  private final Duration patience;
  private final LongSupplier nanos;
  private final AtomicLong changes = new AtomicLong();
  private final ReentrantLock lock = new ReentrantLock();
  private ProtectedSpace space = ProtectedSpace.empty();
  private long builtFor = -1;
  private long builtAt;

  /**
   * Nothing is built before it is asked for.
   *
   * @param patience how far {@link #recent} may lag behind
   * @param nanos elapsed time, as of {@link System#nanoTime}
   */
  BuiltSpace(Supplier<ProtectedSpace> build, Duration patience, LongSupplier nanos) {
    this.build = build;
    this.patience = patience;
    this.nanos = nanos;
  }

  /** To be called after what it is built from has changed. */
  void changed() {
    changes.incrementAndGet();
  }

  /** One that may lag behind a little: for decisions that are made again when more is known. */
  ProtectedSpace recent() {
    return get(false);
  }

  /** One that has every change so far: for what is recorded, and so outlives the moment. */
  ProtectedSpace current() {
    return get(true);
  }

  private ProtectedSpace get(boolean atOnce) {
    lock.lock();
    try {
      long now = changes.get();
      if (now != builtFor
          && (atOnce || builtFor < 0 || nanos.getAsLong() - builtAt > patience.toNanos())) {
        space = build.get();
        builtFor = now;
        builtAt = nanos.getAsLong();
      }
      return space;
    } finally {
      lock.unlock();
    }
  }
}
