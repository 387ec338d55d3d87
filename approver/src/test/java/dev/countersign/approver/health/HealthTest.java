package dev.countersign.approver.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.queue.FairWorkQueue;
import dev.countersign.approver.server.FakeCluster;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.ResourceEventHandler;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.kube.watch.WatchProgress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthTest {
  private final FairWorkQueue queue = new FairWorkQueue(4);
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicBoolean leaderKnown = new AtomicBoolean(true);

  private record Watched(String name, boolean synced, Duration sinceLastAttempt)
      implements WatchProgress {}

  private Health health(List<? extends WatchProgress> watches) {
    return new Health(watches, queue::working, leaderKnown::get, nanos::get);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** It decides with what it knows, and says what it does not. */
  @Test
  void notReady_collectionThatIsNotThere_isReady_withARemark() {
    Health health =
        health(
            List.of(
                new WatchProgress() {
                  @Override
                  public String name() {
                    return "servicecidrs";
                  }

                  @Override
                  public boolean synced() {
                    return false;
                  }

                  @Override
                  public Duration sinceLastAttempt() {
                    return Duration.ZERO;
                  }

                  @Override
                  public Optional<String> missing() {
                    return Optional.of("the API server has none");
                  }
                }));

    assertThat(health.notReady()).isEmpty();
    assertThat(health.remark()).isEmpty();
    health.remark(Optional.of("none"));
    assertThat(health.remark()).contains("none");
  }

  @Test
  void notLive_nothingToDoForDays_isLive() {
    Health health = health(List.of());
    queue.add("system:node:node-a", "csr-1");
    pass(Duration.ofDays(2));
    assertThat(health.notLive()).isEmpty();
  }

  @Test
  void notLive_decisionThatDoesNotEnd_isNotLive_afterThreeMinutes() throws Exception {
    Health health = health(List.of());
    queue.add("system:node:node-a", "csr-1");
    queue.take();
    pass(Duration.ofMinutes(3));
    assertThat(health.notLive()).isEmpty();
    pass(Duration.ofNanos(1));
    assertThat(health.notLive()).contains("queue: 1 decisions, none finished for PT3M0.000000001S");
  }

  @Test
  void notLive_oneHangsAndOthersFinish_isLive() throws Exception {
    Health health = health(List.of());
    queue.add("system:node:node-a", "csr-1");
    queue.take();
    pass(Duration.ofMinutes(2));
    health.progress();
    pass(Duration.ofMinutes(2));
    assertThat(health.notLive()).isEmpty();
  }

  /** After two quiet days one decision is taken up: it has had no time to be finished yet. */
  @Test
  void notLive_firstDecisionAfterAQuietTime_isLive_forThreeMinutes() throws InterruptedException {
    Health health = health(List.of());
    pass(Duration.ofDays(2));
    queue.add("system:node:node-a", "csr-1");
    queue.take();
    health.begins();
    assertThat(health.notLive()).isEmpty();
    pass(Duration.ofMinutes(2));
    queue.add("system:node:node-b", "csr-2");
    queue.take();
    health.begins();
    assertThat(health.notLive()).isEmpty();
    pass(Duration.ofMinutes(1).plusSeconds(1));
    assertThat(health.notLive()).as("the first one hangs, whatever begins since").isPresent();
  }

  @Test
  void notLive_watchThatDoesNothing_isNotLive_afterThreeMinutes() {
    Watched nodes = new Watched("nodes", true, Duration.ofSeconds(70));
    Duration limit = Duration.ofMinutes(3);
    assertThat(health(List.of(nodes, new Watched("services", true, limit))).notLive()).isEmpty();
    assertThat(health(List.of(nodes, new Watched("services", true, limit.plusMillis(1)))).notLive())
        .contains("watch of services: nothing for PT3M0.001S");
  }

  @Test
  void notLive_partEnded_isNotLiveForGood_andSaysWhich() {
    Health health = health(List.of());
    health.broken("ownership: java.lang.IllegalStateException");
    health.progress();
    assertThat(health.notLive()).contains("ownership: java.lang.IllegalStateException");
    assertThat(health.notReady()).isEmpty();
  }

  @Test
  void notReady_noLeaderKnown_isNotReady_yetLive() {
    Health health = health(List.of());
    assertThat(health.notReady()).isEmpty();
    leaderKnown.set(false);
    assertThat(health.notReady()).contains("no replica is known to lead");
    assertThat(health.notLive()).isEmpty();
  }

  @Test
  void notReady_untilEveryListIsComplete(@TempDir Path directory) {
    try (FakeCluster cluster = new FakeCluster(directory);
        ApiClient client = cluster.server().client();
        Reflector<CsrObject> watch =
            new Reflector<>(
                client,
                "requests",
                ListOptions.all("/apis/certificates.k8s.io/v1/certificatesigningrequests"),
                CsrObject.decoder(),
                new ResourceEventHandler<>() {
                  @Override
                  public void listStarted() {}

                  @Override
                  public void listed(CsrObject csr) {}

                  @Override
                  public void listEnded() {}

                  @Override
                  public void changed(CsrObject csr) {}

                  @Override
                  public void deleted(CsrObject csr) {}
                },
                Reflector.Timing.defaults(),
                WatchObserver.NONE,
                new Random(1))) {
      Health health = health(List.of(watch));
      assertThat(health.notReady()).contains("the list of requests is not complete yet");
      assertThat(health.notLive()).isEmpty();
      Thread.ofVirtual().start(watch);
      FakeCluster.await("ready", () -> health.notReady().isEmpty());
    }
  }
}
