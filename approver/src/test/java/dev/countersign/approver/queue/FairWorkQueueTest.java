package dev.countersign.approver.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.queue.FairWorkQueue.Task;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FairWorkQueueTest {
  private static Task take(FairWorkQueue queue) throws InterruptedException {
    return queue.take().orElseThrow();
  }

  @Test
  void take_oneRequestorFloods_othersComeInTurn() throws InterruptedException {
    FairWorkQueue queue = new FairWorkQueue(4);
    for (int i = 0; i < 1000; i++) {
      queue.add("flood", "f" + i);
    }
    queue.add("a", "a0");
    queue.add("b", "b0");
    assertThat(take(queue)).isEqualTo(new Task("flood", "f0"));
    assertThat(take(queue)).isEqualTo(new Task("a", "a0"));
    assertThat(take(queue)).isEqualTo(new Task("b", "b0"));
    assertThat(take(queue)).isEqualTo(new Task("flood", "f1"));
  }

  @Test
  void take_requestorHasItsShareInWork_waitsUntilOneIsDone() throws InterruptedException {
    FairWorkQueue queue = new FairWorkQueue(2);
    queue.add("flood", "f0");
    queue.add("flood", "f1");
    queue.add("flood", "f2");
    Task first = take(queue);
    take(queue);
    queue.add("a", "a0");
    assertThat(take(queue)).isEqualTo(new Task("a", "a0"));
    queue.done(first);
    assertThat(take(queue)).isEqualTo(new Task("flood", "f2"));
  }

  @Test
  void poll_nothingInTurn_isEmptyAtOnce_elseTheSameTurn() {
    FairWorkQueue queue = new FairWorkQueue(1);
    assertThat(queue.poll()).isEmpty();
    queue.add("flood", "f0");
    queue.add("flood", "f1");
    queue.add("a", "a0");
    Task first = queue.poll().orElseThrow();
    assertThat(first).isEqualTo(new Task("flood", "f0"));
    assertThat(queue.poll()).contains(new Task("a", "a0"));
    assertThat(queue.poll()).as("flood has its share in work").isEmpty();
    queue.done(first);
    assertThat(queue.poll()).contains(new Task("flood", "f1"));
    queue.add("b", "b0");
    queue.close();
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void add_nameThatIsWaiting_isThereOnce() throws InterruptedException {
    FairWorkQueue queue = new FairWorkQueue(4);
    queue.add("a", "x");
    queue.add("a", "x");
    assertThat(queue.size()).isEqualTo(1);
    take(queue);
    assertThat(queue.size()).isZero();
  }

  @Test
  void add_nameInWork_comesAgainOnceDoneAndNotBefore() throws InterruptedException {
    FairWorkQueue queue = new FairWorkQueue(4);
    queue.add("a", "x");
    Task task = take(queue);
    queue.add("a", "x");
    assertThat(queue.size()).isZero();
    queue.done(task);
    assertThat(queue.size()).isEqualTo(1);
    assertThat(take(queue)).isEqualTo(task);
  }

  @Test
  void clear_waitingNames_areGoneAndNewOnesComeThrough() throws InterruptedException {
    FairWorkQueue queue = new FairWorkQueue(1);
    queue.add("a", "inWork");
    Task inWork = take(queue);
    queue.add("a", "x");
    queue.add("b", "y");
    queue.clear();
    assertThat(queue.size()).isZero();
    queue.done(inWork);
    queue.add("b", "z");
    assertThat(take(queue)).isEqualTo(new Task("b", "z"));
  }

  @Test
  void close_whileSomeoneWaits_endsTheWait() throws InterruptedException {
    FairWorkQueue queue = new FairWorkQueue(1);
    Thread closer = Thread.ofVirtual().start(queue::close);
    assertThat(queue.take()).isEqualTo(Optional.empty());
    closer.join();
  }
}
