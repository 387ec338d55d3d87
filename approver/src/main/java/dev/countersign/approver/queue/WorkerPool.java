package dev.countersign.approver.queue;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Hands out what waits in a queue, to as many threads at a time as its limit allows, while this
 * replica leads. Thread-safe.
 *
 * <p>While it does not lead it forgets what is queued: whoever leads does that work. One that comes
 * to lead therefore has everything queued anew.
 */
public final class WorkerPool {
  /** How long a thread waits for another piece of work before it ends. */
  private static final Duration WORKERS_WAIT = Duration.ofSeconds(10);

  private static final Duration STANDBY_LOOKS_EVERY = Duration.ofMillis(20);

  /** The work itself. It is not to throw: that ends the thread, though not the others. */
  @FunctionalInterface
  public interface Work {
    /** Works on a name. */
    void process(String name);
  }

  private final FairWorkQueue queue;
  private final int parallel;
  private final Semaphore limit;
  private final BooleanSupplier leads;
  private final Work work;
  private final ExecutorService workers;

  /**
   * A dispatcher; nothing is handed out before {@link #run}.
   *
   * @param parallel how many pieces of work are done at a time at most
   * @param leads whether this replica is the one that works; asked before each piece
   */
  public WorkerPool(FairWorkQueue queue, int parallel, BooleanSupplier leads, Work work) {
    this.queue = queue;
    this.parallel = parallel;
    this.limit = new Semaphore(parallel);
    this.leads = leads;
    this.work = work;
    this.workers =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            WORKERS_WAIT.toMillis(),
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            // Of the system: to wake up a virtual one its poller and its carrier have to be, too.
            Thread.ofPlatform().daemon().name("decide ", 0).factory());
  }

  /**
   * Hands out until the queue is closed.
   *
   * @param tookOver called when this replica leads after a time in which another did
   */
  public void run(Runnable tookOver) throws InterruptedException {
    boolean standingBy = false;
    while (!queue.isClosed()) {
      if (!leads.getAsBoolean()) {
        standingBy = true;
        queue.clear();
        Thread.sleep(STANDBY_LOOKS_EVERY);
        continue;
      }
      if (standingBy) {
        standingBy = false;
        tookOver.run();
      }
      limit.acquire();
      Optional<FairWorkQueue.Task> next = queue.take();
      if (next.isEmpty()) {
        limit.release();
      } else if (leads.getAsBoolean()) {
        FairWorkQueue.Task task = next.get();
        workers.execute(() -> workFrom(task));
      } else {
        // Deposed while we waited; whoever leads works on it.
        queue.done(next.get());
        limit.release();
      }
    }
  }

  /** Works on a task, and then on others as long as there are some. */
  private void workFrom(FairWorkQueue.Task first) {
    try {
      Optional<FairWorkQueue.Task> next = Optional.of(first);
      while (next.isPresent()) {
        workOn(next.get());
        next = leads.getAsBoolean() ? queue.poll() : Optional.empty();
      }
    } finally {
      limit.release();
    }
  }

  private void workOn(FairWorkQueue.Task task) {
    try {
      work.process(task.name());
    } finally {
      queue.done(task);
    }
  }

  /**
   * Waits until nobody is at work; to be called once the queue is closed. No thread is left
   * afterwards, but for those that are at work still.
   *
   * @return whether that came within {@code patience}
   */
  public boolean end(Duration patience) throws InterruptedException {
    try {
      return limit.tryAcquire(parallel, patience.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      workers.shutdown();
    }
  }
}
