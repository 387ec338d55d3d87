package dev.countersign.approver.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.ownership.ShardQueue.Urgency;
import dev.countersign.approver.ownership.ShardQueue.Work;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShardQueueTest {
  private static final Instant T0 = Instant.parse("2026-11-22T10:00:00Z");
  private static final NodeName A = NodeName.parse("a").orElseThrow();
  private static final NodeName B = NodeName.parse("b").orElseThrow();
  private static final NameOrAddress NAME = DnsName.of("c");

  private final ShardQueue queue = new ShardQueue();

  private int takeNumber(Instant now) {
    return queue.take(now).map(Work::number).orElse(-1);
  }

  @Test
  void shards_areTakenInTurn_andWhatCanWaitComesLast() {
    queue.addNode(9, A, Urgency.LOW);
    queue.addNode(7, A, Urgency.NORMAL);
    queue.addClaim(3, NAME, Urgency.NORMAL);
    queue.addNode(9, B, Urgency.LOW);

    assertThat(queue.isIdle()).isFalse();
    assertThat(queue.take(T0)).contains(new Work(7, Set.of(A), Set.of(), false));
    assertThat(queue.take(T0)).contains(new Work(3, Set.of(), Set.of(NAME), false));
    assertThat(queue.take(T0)).contains(new Work(9, Set.of(A, B), Set.of(), false));
    assertThat(queue.take(T0)).isEmpty();
  }

  @Test
  void whatCanWait_isWithOneWorkerAtATime() {
    queue.addNode(1, A, Urgency.LOW);
    queue.addNode(2, A, Urgency.LOW);
    Work first = queue.take(T0).orElseThrow();

    assertThat(queue.take(T0)).isEmpty();
    queue.addNode(3, B, Urgency.NORMAL);
    assertThat(takeNumber(T0)).isEqualTo(3);
    queue.addNode(2, B, Urgency.NORMAL);
    assertThat(queue.take(T0)).contains(new Work(2, Set.of(A, B), Set.of(), false));
    queue.done(first);
  }

  @Test
  void shardInWork_isNotTakenAgain_beforeItIsGivenBack() {
    queue.addAll(5);
    Work work = queue.take(T0).orElseThrow();
    queue.addNode(5, B, Urgency.NORMAL);

    assertThat(work.all()).isTrue();
    assertThat(queue.isTaken(5)).isTrue();
    assertThat(queue.take(T0)).isEmpty();
    queue.done(work);
    assertThat(queue.take(T0)).contains(new Work(5, Set.of(B), Set.of(), false));
  }

  @Test
  void shardThatFails_waitsByItself_longerEachTime() {
    queue.addNode(5, A, Urgency.NORMAL);
    Instant now = T0;
    for (long seconds : new long[] {1, 2, 4, 8, 16, 30, 30}) {
      Work work = queue.take(now).orElseThrow();
      assertThat(queue.failed(work, now)).isEqualTo(Duration.ofSeconds(seconds));
      queue.addNode(5, B, Urgency.NORMAL);
      queue.addNode(6, A, Urgency.NORMAL);
      now = now.plusSeconds(seconds);
      assertThat(takeNumber(now.minusMillis(1))).isEqualTo(6);
      assertThat(takeNumber(now.minusMillis(1))).isEqualTo(-1);
      queue.done(new Work(6, Set.of(), Set.of(), false));
    }
    Work work = queue.take(now).orElseThrow();
    assertThat(work.nodes()).containsExactlyInAnyOrder(A, B);
    queue.done(work);
    queue.addNode(5, A, Urgency.NORMAL);
    assertThat(queue.failed(queue.take(now).orElseThrow(), now)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void idle_isWhatHasNothingButWhatCanWait() {
    assertThat(queue.isIdle()).isTrue();
    queue.addNode(5, A, Urgency.LOW);
    assertThat(queue.isIdle()).isTrue();
    Work work = queue.take(T0).orElseThrow();
    assertThat(queue.isIdle()).isFalse();
    queue.done(work);
    queue.addNode(5, A, Urgency.NORMAL);
    assertThat(queue.isIdle()).isFalse();
    queue.clear();
    assertThat(queue.isIdle()).isTrue();
    assertThat(queue.take(T0)).isEmpty();
  }
}
