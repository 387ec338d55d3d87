package dev.countersign.approver.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.server.FakeCluster;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerPoolTest {
  private static final Duration MOMENT = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final FairWorkQueue queue = new FairWorkQueue(10);
  private final AtomicBoolean leads = new AtomicBoolean(true);
  private final AtomicInteger takeovers = new AtomicInteger();
  private final AtomicInteger atWork = new AtomicInteger();
  private final Semaphore goOn = new Semaphore(0);
  private final Set<String> worked = ConcurrentHashMap.newKeySet();
  private final WorkerPool dispatcher = new WorkerPool(queue, 2, leads::get, this::process);

  /** One whose name begins with "bug" breaks off. */
  private void process(String name) {
    atWork.incrementAndGet();
    goOn.acquireUninterruptibly();
    atWork.decrementAndGet();
    worked.add(name);
    if (name.startsWith("bug")) {
      throw new IllegalStateException("a bug, as the test wants one");
    }
  }

  private Thread run() {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                dispatcher.run(takeovers::incrementAndGet);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private static void awaitWaiting(Thread thread) {
    FakeCluster.await("it waits", () -> thread.getState() == Thread.State.WAITING);
  }

  @AfterEach
  void end() throws InterruptedException {
    queue.close();
    goOn.release(1000);
    assertThat(dispatcher.end(PATIENCE)).as("nobody is left at work").isTrue();
  }

  @Test
  void run_worksOnEverything_asManyAtATimeAsTheLimitAllows() {
    for (int i = 0; i < 10; i++) {
      queue.add("node-" + i, "request-" + i);
    }
    Thread thread = run();
    FakeCluster.await("two are at work", () -> atWork.get() == 2);
    awaitWaiting(thread);
    assertThat(atWork).as("at work, while the limit is 2").hasValue(2);
    goOn.release(1000);
    FakeCluster.await("all are worked on", () -> worked.size() == 10);
    FakeCluster.await("none is at work", () -> queue.working() == 0);
    assertThat(takeovers).as("it led from the beginning").hasValue(0);
  }

  @Test
  void standby_worksOnNothing_andHasEverythingQueuedAnewWhenItLeads() {
    leads.set(false);
    queue.add("node", "request");
    run();
    FakeCluster.await("what was queued is forgotten", () -> queue.size() == 0);
    assertThat(worked).isEmpty();
    leads.set(true);
    FakeCluster.await("it took over", () -> takeovers.get() == 1);
    assertThat(worked).isEmpty();
  }

  @Test
  void deposedWhileItWaits_leavesTheRequestToWhoeverLeads() {
    Thread thread = run();
    awaitWaiting(thread);
    leads.set(false);
    queue.add("node", "request");
    FakeCluster.await("it is handed back", () -> queue.size() == 0 && queue.working() == 0);
    leads.set(true);
    FakeCluster.await("it took over", () -> takeovers.get() == 1);
    goOn.release(1000);
    queue.add("node", "another");
    FakeCluster.await("it works again", () -> worked.contains("another"));
    assertThat(worked).containsExactly("another");
  }

  @Test
  void deposedAtWork_finishesOneAndTakesNoOther() {
    queue.add("node", "first");
    run();
    FakeCluster.await("one is at work", () -> atWork.get() == 1);
    leads.set(false);
    queue.add("node", "second");
    goOn.release(1000);
    FakeCluster.await("the first is done", () -> queue.working() == 0);
    FakeCluster.await("the second is forgotten", () -> queue.size() == 0);
    assertThat(worked).containsExactly("first");
  }

  @Test
  void workThatBreaksOff_keepsNoPlace_andStopsNothing() {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Semaphore broken = new Semaphore(0);
    Thread.setDefaultUncaughtExceptionHandler((thread, e) -> broken.release());
    try {
      goOn.release(1000);
      run();
      for (int i = 0; i < 5; i++) {
        queue.add("node", "bug-" + i);
      }
      FakeCluster.await("each ends its thread", () -> broken.availablePermits() == 5);
      queue.add("node", "request");
      FakeCluster.await("the next is worked on", () -> worked.contains("request"));
      assertThat(queue.working()).isZero();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }

  @Test
  void end_whileOneIsAtWork_saysSo() throws InterruptedException {
    queue.add("node", "request");
    Thread thread = run();
    FakeCluster.await("one is at work", () -> atWork.get() == 1);
    queue.close();
    thread.join(PATIENCE);
    assertThat(dispatcher.end(MOMENT)).isFalse();
  }
}
