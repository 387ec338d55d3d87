package dev.countersign.approver.queue;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A queue of names with one line for each requestor, served in turn. A name is in the queue at most
 * once and never given out twice at the same time: one that is added while it is being worked on
 * comes again afterwards. Thread-safe.
 *
 * <p>The place of a requestor in the round does not depend on how much it has queued, and no more
 * than {@code atOnce} of its names are given out at a time. So a flood delays only its own author.
 */
public final class FairWorkQueue {
  /**
   * Something to do.
   *
   * @param requestor whose it is
   * @param name what it is
   */
  public record Task(String requestor, String name) {}

  private static final class Line {
    private final LinkedHashSet<String> waiting = new LinkedHashSet<>();
    private int working;
    private boolean inRound;
  }

  private final int atOnce;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ready = lock.newCondition();
  private final Map<String, Line> lines = new HashMap<>();
  private final ArrayDeque<String> round = new ArrayDeque<>();
  private final Map<String, Boolean> working = new HashMap<>();
  private int size;
  private boolean closed;

  /** An empty queue that gives out at most {@code atOnce} names of a requestor at a time. */
  public FairWorkQueue(int atOnce) {
    if (atOnce < 1) {
      throw new IllegalArgumentException("atOnce: got " + atOnce + "; want 1 or more");
    }
    this.atOnce = atOnce;
  }

  /** Adds a name at the end of its requestor's line, unless it is there already. */
  public void add(String requestor, String name) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (working.containsKey(name)) {
        working.put(name, true);
        return;
      }
      Line line = lines.computeIfAbsent(requestor, ignored -> new Line());
      if (line.waiting.add(name)) {
        size++;
        enter(requestor, line);
      }
    } finally {
      lock.unlock();
    }
  }

  private void enter(String requestor, Line line) {
    if (!line.inRound && line.working < atOnce && !line.waiting.isEmpty()) {
      line.inRound = true;
      round.addLast(requestor);
      ready.signal();
    }
  }

  /**
   * The next name in turn; waits for one. Whoever takes it calls {@link #done}. Empty once the
   * queue is closed.
   */
  public Optional<Task> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (round.isEmpty() && !closed) {
        ready.await();
      }
      return next();
    } finally {
      lock.unlock();
    }
  }

  /** The next name in turn, if there is one. Whoever gets it calls {@link #done}. */
  public Optional<Task> poll() {
    lock.lock();
    try {
      return next();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Task> next() {
    if (closed || round.isEmpty()) {
      return Optional.empty();
    }
    String requestor = round.removeFirst();
    Line line = lines.computeIfAbsent(requestor, ignored -> new Line());
    line.inRound = false;
    String name = line.waiting.removeFirst();
    size--;
    line.working++;
    working.put(name, false);
    enter(requestor, line);
    return Optional.of(new Task(requestor, name));
  }

  /** Ends work on a name; it is queued again if it was added in the meantime. */
  public void done(Task task) {
    lock.lock();
    try {
      boolean again = Boolean.TRUE.equals(working.remove(task.name()));
      Line line = lines.get(task.requestor());
      if (line == null) {
        return;
      }
      line.working--;
      if (again && !closed && line.waiting.add(task.name())) {
        size++;
      }
      enter(task.requestor(), line);
      if (line.working == 0 && line.waiting.isEmpty()) {
        lines.remove(task.requestor());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Forgets every name that waits; those being worked on are not affected. */
  public void clear() {
    lock.lock();
    try {
      lines.values().forEach(line -> line.waiting.clear());
      lines.values().forEach(line -> line.inRound = false);
      lines.values().removeIf(line -> line.working == 0);
      round.clear();
      size = 0;
    } finally {
      lock.unlock();
    }
  }

  /** How many names wait. */
  public int size() {
    lock.lock();
    try {
      return size;
    } finally {
      lock.unlock();
    }
  }

  /** How many names are being worked on. */
  public int working() {
    lock.lock();
    try {
      return working.size();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it was closed. */
  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Wakes up everyone who waits; nothing is given out any more. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      ready.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
