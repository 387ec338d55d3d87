package dev.countersign.kube.http;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Cuts connections whose peer is silent for too long. One thread looks after all of them and sleeps
 * until the first of them is due: a time limit on each read ({@code SO_TIMEOUT}) costs a timer each
 * time, and with virtual threads the waking up of another one for it (docs/adr/0010). Thread-safe.
 */
final class Deadlines {
  private static final long NEVER = Long.MAX_VALUE;

  /** Whoever looks so late was stopped, and those who wait for answers were, too. */
  private static final long LATE = TimeUnit.SECONDS.toNanos(1);

  private final Set<HttpConnection> open;
  // So that times can be compared as numbers: System.nanoTime may be of any size.
  private final long origin = System.nanoTime();
  private volatile long nextLook = NEVER;
  private volatile @Nullable Thread thread;
  private volatile boolean closed;

  /** Looks after those of a set, which others add to and take from. */
  Deadlines(Set<HttpConnection> open) {
    this.open = open;
  }

  /** Now, in nanoseconds since this was made. */
  long now() {
    return System.nanoTime() - origin;
  }

  /** Someone waits for a connection from now on, until this time at most. */
  void begun(long until) {
    if (until < nextLook) {
      Thread watcher = thread;
      LockSupport.unpark(watcher == null || !watcher.isAlive() ? start() : watcher);
    }
  }

  private synchronized Thread start() {
    Thread watcher = thread;
    if (watcher == null || !watcher.isAlive()) {
      // Not a virtual one: a command that makes two calls would start all that carries them.
      watcher = Thread.ofPlatform().daemon().name("deadlines").start(this::run);
      thread = watcher;
    }
    return watcher;
  }

  private void run() {
    try {
      while (!closed) {
        look();
      }
    } finally {
      // Should it end for want of memory, the next one who waits starts another.
      nextLook = NEVER;
    }
  }

  /** Cuts those that are overdue, and sleeps until the next of them may be. */
  private void look() {
    // Whoever begins while we look wakes us up again.
    nextLook = NEVER;
    long next = NEVER;
    long now = now();
    for (HttpConnection connection : open) {
      next = Math.min(next, connection.cutIfOverdue(now));
    }
    nextLook = next;
    if (next == NEVER) {
      LockSupport.park(this);
      return;
    }
    LockSupport.parkNanos(this, Math.max(1, next - now()));
    if (now() - next > LATE) {
      // Answers may have come in the meantime: they are to be read before we judge.
      LockSupport.parkNanos(this, LATE);
    }
  }

  /** Ends the thread. */
  void close() {
    closed = true;
    Thread watcher = thread;
    if (watcher != null) {
      LockSupport.unpark(watcher);
    }
  }
}
