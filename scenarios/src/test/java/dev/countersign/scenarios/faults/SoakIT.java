package dev.countersign.scenarios.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * An approver that works for a long time at 20 requests a second. What counts is that the second
 * half of the time costs no more memory, threads and descriptors than the first.
 */
@OnControlPlane
@EnabledIfSystemProperty(
    named = "countersign.soak.seconds",
    matches = "[1-9][0-9]*",
    disabledReason = "takes long; mvn -Pnightly runs it")
class SoakIT {
  private static final int PER_SECOND = 20;
  private static final int ROUND_SECONDS = 20;

  /** Resident memory may still rise by this, in KiB: compiled code and the like settle late. */
  private static final long SLACK_KIB = 12 << 10;

  private record Sample(long residentKiB, long threads, long descriptors) {}

  @Test
  void atTwentyASecond_nothingGrows(Cluster cluster, @TempDir Path directory) throws Exception {
    int rounds =
        Math.max(
            4,
            Integer.parseInt(System.getProperty("countersign.soak.seconds", "0")) / ROUND_SECONDS);
    List<Sample> samples = new ArrayList<>();
    try (Storm storm = new Storm(cluster.plane());
        Replica approver =
            Replica.start(
                cluster.plane().layout().adminKubeconfig(), directory.resolve("approver.log"))) {
      approver.awaitSynced();
      for (int round = 0; round < rounds; round++) {
        String name = "soak" + round;
        storm
            .begin(name, PER_SECOND * ROUND_SECONDS, PER_SECOND)
            .awaitAllApproved(Duration.ofMinutes(3));
        storm.clean(name);
        samples.add(new Sample(approver.residentKiB(), approver.threads(), approver.descriptors()));
        System.out.println("soak: " + (round + 1) + " of " + rounds + ": " + samples.getLast());
      }
      assertThat(approver.isAlive()).isTrue();
    }

    // The first quarter warms up.
    List<Sample> first = samples.subList(rounds / 4, rounds / 2 + rounds / 8);
    List<Sample> last = samples.subList(rounds - first.size(), rounds);
    assertThat(median(last, Sample::residentKiB))
        .as("resident memory in KiB, at the end and before")
        .isLessThanOrEqualTo(median(first, Sample::residentKiB) + SLACK_KIB);
    assertThat(median(last, Sample::threads))
        .as("threads")
        .isLessThanOrEqualTo(median(first, Sample::threads) + 2);
    assertThat(median(last, Sample::descriptors))
        .as("descriptors")
        .isLessThanOrEqualTo(median(first, Sample::descriptors) + 4);
  }

  private static long median(List<Sample> samples, ToLongFunction<Sample> field) {
    return samples.stream().mapToLong(field).sorted().toArray()[samples.size() / 2];
  }
}
