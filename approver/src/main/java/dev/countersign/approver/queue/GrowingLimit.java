package dev.countersign.approver.queue;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many may work at a time: some at first, one more each time so many pieces of work are done,
 * up to a most. It never shrinks.
 *
 * <p>Whoever works has a connection of their own, and to open one takes a process that has just
 * started as long as several decisions. Thread-safe.
 */
public final class GrowingLimit {
  private final int most;
  private final int every;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int limit;
  private int working;
  private int done;

  /**
   * A limit of {@code first}.
   *
   * @param most what it grows to; with less than {@code first} that is the limit, and stays
   * @param every after how many pieces of work it grows by one
   */
  public GrowingLimit(int first, int most, int every) {
    if (first < 1 || most < 1 || every < 1) {
      throw new IllegalArgumentException(
          "limit: got " + first + ", " + most + " and " + every + "; want 1 or more");
    }
    this.limit = Math.min(first, most);
    this.most = most;
    this.every = every;
  }

  /** How many may work at a time now. */
  int limit() {
    lock.lock();
    try {
      return limit;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until one more may work; that one calls {@link #leave} at its end. */
  void enter() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (working >= limit) {
        changed.await();
      }
      working++;
    } finally {
      lock.unlock();
    }
  }

  /** One less is at work. */
  void leave() {
    lock.lock();
    try {
      working--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A piece of work is done. */
  void done() {
    lock.lock();
    try {
      if (limit < most && ++done % every == 0) {
        limit++;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until nobody is at work.
   *
   * @return whether that came within {@code patience}
   */
  boolean awaitNobody(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (working > 0) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
