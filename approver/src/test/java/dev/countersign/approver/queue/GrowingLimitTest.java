package dev.countersign.approver.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GrowingLimitTest {
  private static final Duration MOMENT = Duration.ofMillis(50);

  /** How many get in at once. */
  private static int room(GrowingLimit limit) throws InterruptedException {
    int entered = 0;
    while (entersWithinAMoment(limit)) {
      entered++;
    }
    for (int i = 0; i < entered; i++) {
      limit.leave();
    }
    return entered;
  }

  private static boolean entersWithinAMoment(GrowingLimit limit) throws InterruptedException {
    CountDownLatch entered = new CountDownLatch(1);
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    limit.enter();
                    entered.countDown();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    if (entered.await(MOMENT.toMillis(), TimeUnit.MILLISECONDS)) {
      return true;
    }
    thread.interrupt();
    thread.join();
    if (entered.getCount() == 0) {
      limit.leave();
    }
    return false;
  }

  private static void done(GrowingLimit limit, int times) {
    for (int i = 0; i < times; i++) {
      limit.done();
    }
  }

  @Test
  void limit_growsByOneAfterSoMuchWork_upToTheMost() throws InterruptedException {
    GrowingLimit limit = new GrowingLimit(2, 4, 3);
    assertThat(room(limit)).isEqualTo(2);
    done(limit, 2);
    assertThat(room(limit)).isEqualTo(2);
    done(limit, 1);
    assertThat(room(limit)).isEqualTo(3);
    done(limit, 3);
    assertThat(room(limit)).isEqualTo(4);
    done(limit, 30);
    assertThat(room(limit)).as("the most").isEqualTo(4);
  }

  @Test
  void limit_neverAboveTheMost() throws InterruptedException {
    assertThat(room(new GrowingLimit(32, 1, 16))).isEqualTo(1);
  }

  @Test
  void enter_whoWaits_getsInWhenOneLeavesAndWhenItGrows() throws InterruptedException {
    GrowingLimit limit = new GrowingLimit(1, 2, 1);
    limit.enter();
    CountDownLatch entered = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  limit.enter();
                  entered.countDown();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
    }
    assertThat(entered.await(MOMENT.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
    limit.done();
    limit.leave();
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
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
    assertThat(limit.awaitNobody(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void limit_ofNothing_isRefused() {
    assertThatThrownBy(() -> new GrowingLimit(0, 4, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("limit: got 0, 4 and 3; want 1 or more");
  }
}
