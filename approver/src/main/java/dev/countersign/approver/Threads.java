package dev.countersign.approver;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** Threads that run as long as the approver does. Thread-safe. */
final class Threads {
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final BiConsumer<String, Throwable> broken;

  /** None yet; {@code broken} is told of one that ends by what it throws. */
  Threads(BiConsumer<String, Throwable> broken) {
    this.broken = broken;
  }

  /** Starts a virtual one. */
  void start(String name, Runnable work) {
    start(Thread.ofVirtual(), name, work);
  }

  /**
   * Starts one of the system, for what waits for the server all the time: to wake one up costs half
   * of what a virtual one costs, which its poller and its carrier have to be woken up for.
   */
  void startOfSystem(String name, Runnable work) {
    start(Thread.ofPlatform().daemon(), name, work);
  }

  private void start(Thread.Builder kind, String name, Runnable work) {
    threads.add(
        kind.name(name)
            .start(
                () -> {
                  try {
                    work.run();
                  } catch (RuntimeException | Error e) {
                    broken.accept(name, e);
                  }
                }));
  }

  /** Interrupts all of them. */
  void interrupt() {
    threads.forEach(Thread::interrupt);
  }
}
