package dev.countersign.approver.controller;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.queue.FairWorkQueue;
import dev.countersign.common.text.SafeText;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Has requests looked at again later: after a pause that doubles each time, with jitter. */
final class Retries {
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final FairWorkQueue queue;
  private final Later later;

  Retries(FairWorkQueue queue, Later later) {
    this.queue = queue;
    this.later = later;
  }

  /** Queues it again after a pause, once however often it is asked for until then. */
  void plan(CsrObject csr, RequestMemory memory) {
    if (!memory.retryPlanned.compareAndSet(false, true)) {
      return;
    }
    // Not the request itself, which may be large.
    String requestor = csr.requestor();
    String name = csr.name();
    int failures = memory.failures;
    memory.failures = failures + 1;
    long millis = Math.min(FIRST.toMillis() << Math.min(failures, 10), LONGEST.toMillis());
    long jittered = millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1);
    later.after(
        Duration.ofMillis(jittered),
        "retry " + SafeText.plain(name),
        () -> {
          memory.retryPlanned.set(false);
          queue.add(requestor, name);
        });
  }
}
