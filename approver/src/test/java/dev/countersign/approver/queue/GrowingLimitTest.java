package dev.countersign.approver.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.approver.server.FakeCluster;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GrowingLimitTest {
  private static final Duration MOMENT = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static void done(GrowingLimit limit, int times) {
    for (int i = 0; i < times; i++) {
      limit.done();
    }
  }

  /** Two who want to enter; they wait, if they have to. */
  private static void enterTwice(GrowingLimit limit, Semaphore entered) {
    for (int i = 0; i < 2; i++) {
      Thread thread =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      limit.enter();
                      entered.release();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
      FakeCluster.await("it waits", () -> thread.getState() == Thread.State.WAITING);
    }
  }

  @Test
  void limit_growsByOneAfterSoMuchWork_upToTheMost() {
    GrowingLimit limit = new GrowingLimit(2, 4, 3);
    assertThat(limit.limit()).isEqualTo(2);
    done(limit, 2);
    assertThat(limit.limit()).isEqualTo(2);
    done(limit, 1);
    assertThat(limit.limit()).isEqualTo(3);
    done(limit, 3);
    assertThat(limit.limit()).isEqualTo(4);
    done(limit, 30);
    assertThat(limit.limit()).as("the most").isEqualTo(4);
  }

  @Test
  void limit_neverAboveTheMost() {
    assertThat(new GrowingLimit(32, 1, 16).limit()).isEqualTo(1);
  }

  @Test
  void enter_asManyAsTheLimit_withoutWaiting() throws InterruptedException {
    GrowingLimit limit = new GrowingLimit(2, 2, 1);
    limit.enter();
    limit.enter();
    limit.leave();
    limit.enter();
  }

  @Test
  void enter_whoWaits_getsInWhenItGrows_andWhenOneLeaves() throws InterruptedException {
    GrowingLimit limit = new GrowingLimit(1, 2, 1);
    limit.enter();
    Semaphore entered = new Semaphore(0);
    enterTwice(limit, entered);
    limit.done();
    assertThat(entered.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(entered.tryAcquire(MOMENT.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
    limit.leave();
    assertThat(entered.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void awaitNobody_saysWhetherAllHaveLeft() throws InterruptedException {
    GrowingLimit limit = new GrowingLimit(2, 2, 1);
    assertThat(limit.awaitNobody(MOMENT)).isTrue();
    limit.enter();
    assertThat(limit.awaitNobody(MOMENT)).isFalse();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Thread.sleep(MOMENT);
                limit.leave();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    assertThat(limit.awaitNobody(PATIENCE)).isTrue();
  }

  @Test
  void limit_ofNothing_isRefused() {
    assertThatThrownBy(() -> new GrowingLimit(0, 4, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("limit: got 0, 4 and 3; want 1 or more");
  }
}
