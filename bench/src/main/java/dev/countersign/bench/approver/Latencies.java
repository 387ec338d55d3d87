package dev.countersign.bench.approver;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;

/**
 * How long requests took from their creation until their approval was seen.
 *
 * @param millis in milliseconds, ascending
 */
record Latencies(List<Double> millis) {
  Latencies {
    millis = List.copyOf(millis);
  }

  /**
   * Has requests called {@code prefix-0}, {@code prefix-1}, … created one after another, and waits
   * until all are approved.
   *
   * @param between the time from one to the next
   * @param create creates the request of that number; called on a thread of its own
   */
  static Latencies measure(
      Approvals approvals, String prefix, int many, Duration between, IntConsumer create)
      throws InterruptedException {
    Map<String, Long> createdAt = new ConcurrentHashMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long next = System.nanoTime();
      for (int i = 0; i < many; i++) {
        int number = i;
        threads.execute(
            () -> {
              createdAt.put(prefix + "-" + number, System.nanoTime());
              create.accept(number);
            });
        next += between.toNanos();
        Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
      }
    }
    approvals.await(prefix, many);
    return new Latencies(
        createdAt.entrySet().stream()
            .map(entry -> (approvals.nanosOf(entry.getKey()) - entry.getValue()) / 1e6)
            .sorted()
            .toList());
  }

  /** The one that {@code percent} of all are below. */
  double percentile(int percent) {
    return millis.get(millis.size() * percent / 100);
  }

  /** Half, 90 %, 99 % and the longest, as cells of a table. */
  String cells() {
    return String.format(
        Locale.ROOT,
        "%.1f ms | %.1f ms | %.1f ms | %.1f ms",
        percentile(50),
        percentile(90),
        percentile(99),
        millis.getLast());
  }
}
