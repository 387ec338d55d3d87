package dev.countersign.policy.property;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.IpAddress;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.ownership.Observation;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ReportingNode;
import dev.countersign.policy.ownership.Shard;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What must hold of the ownership whatever happens, over many made histories. */
class OwnershipPropertyTest {
  private static final Duration RECLAIM = Duration.ofSeconds(30);
  private static final IpAddress ADDRESS = Worlds.ip("192.0.2.10");
  private static final ReportingNode OWNER = new ReportingNode(Worlds.nodeName("owner"), "uid-0");
  private static final List<ReportingNode> HOSTILE =
      List.of(
          new ReportingNode(Worlds.nodeName("aaa"), "uid-1"),
          new ReportingNode(Worlds.nodeName("zzz"), "uid-2"),
          new ReportingNode(Worlds.nodeName("owner2"), "uid-3"));

  private static Set<ReportingNode> some(Random random) {
    Set<ReportingNode> claimants = new HashSet<>();
    HOSTILE.stream().filter(_ -> random.nextBoolean()).forEach(claimants::add);
    return claimants;
  }

  private static Observation seen(Set<ReportingNode> claimants, boolean recordable, Instant at) {
    return new Observation(List.copyOf(claimants), Optional.empty(), recordable, at);
  }

  private static OwnershipRecord restarted(OwnershipRecord entry) {
    Shard shard = Shard.empty().with(Map.of(ADDRESS, entry));
    return Shard.parse(shard.toText()).orThrow().entry(ADDRESS);
  }

  private static ReportingNode holder(OwnershipRecord entry) {
    assertThat(entry.state()).isInstanceOf(OwnershipRecord.State.Held.class);
    return ((OwnershipRecord.State.Held) entry.state()).holder();
  }

  @Test
  void owner_whileItClaims_neverLosesToALaterClaimant_whateverTheseDo() {
    Random random = new Random(11);
    for (int history = 0; history < 500; history++) {
      Instant now = Instant.parse("2026-11-22T01:00:00Z");
      OwnershipRecord entry =
          OwnershipRecord.nothing().observe(seen(Set.of(OWNER), true, now), RECLAIM);
      for (int step = 0; step < 20; step++) {
        now = now.plusSeconds(random.nextInt(120) - 10);
        Set<ReportingNode> claimants = some(random);
        claimants.add(OWNER);
        entry = entry.observe(seen(claimants, random.nextBoolean(), now), RECLAIM);
        if (random.nextInt(4) == 0) {
          entry = restarted(entry);
        }
        assertThat(holder(entry)).isEqualTo(OWNER);
      }
    }
  }

  @Test
  void owner_awayForLessThanTheReclaimTime_isTheOwnerAgain() {
    Random random = new Random(12);
    for (int history = 0; history < 500; history++) {
      Instant start = Instant.parse("2026-11-22T01:00:00Z");
      Set<ReportingNode> rivals = some(random);
      Set<ReportingNode> all = new HashSet<>(rivals);
      all.add(OWNER);
      OwnershipRecord entry =
          OwnershipRecord.nothing()
              .observe(seen(Set.of(OWNER), true, start), RECLAIM)
              .observe(seen(all, true, start.plusSeconds(1)), RECLAIM);
      Instant left = start.plusSeconds(2);
      int away = random.nextInt(30);
      entry = entry.observe(seen(rivals, true, left), RECLAIM);
      entry = entry.observe(seen(some(random), true, left.plusSeconds(away)), RECLAIM);
      entry = restarted(entry);
      entry = entry.observe(seen(all, true, left.plusSeconds(away)), RECLAIM);

      assertThat(holder(entry)).isEqualTo(OWNER);
    }
  }

  @Test
  void observing_theSameTwice_changesNothing() {
    Random random = new Random(13);
    for (int history = 0; history < 500; history++) {
      Instant now = Instant.parse("2026-11-22T01:00:00Z");
      OwnershipRecord entry = OwnershipRecord.nothing();
      for (int step = 0; step < 15; step++) {
        now = now.plusSeconds(random.nextInt(40));
        Set<ReportingNode> claimants = some(random);
        if (random.nextBoolean()) {
          claimants.add(OWNER);
        }
        Optional<ReportingNode> namesake =
            claimants.contains(OWNER) && random.nextInt(8) == 0
                ? Optional.of(OWNER)
                : Optional.empty();
        Observation seen =
            new Observation(List.copyOf(claimants), namesake, random.nextInt(5) > 0, now);
        entry = entry.observe(seen, RECLAIM);

        assertThat(entry.observe(seen, RECLAIM)).isEqualTo(entry);
        assertThat(restarted(entry)).isEqualTo(entry);
      }
    }
  }

  @Test
  void claimsSeenTogetherFirst_areNobodys_untilOneIsLeft() {
    Random random = new Random(14);
    for (int history = 0; history < 300; history++) {
      Instant now = Instant.parse("2026-11-22T01:00:00Z");
      Set<ReportingNode> claimants = some(random);
      claimants.add(OWNER);
      OwnershipRecord entry =
          OwnershipRecord.nothing().observe(seen(claimants, true, now), RECLAIM);
      if (claimants.size() == 1) {
        assertThat(holder(entry)).isEqualTo(OWNER);
        continue;
      }
      for (int step = 0; step < 10; step++) {
        now = now.plusSeconds(random.nextInt(1000));
        entry = entry.observe(seen(claimants, true, now), RECLAIM);
        assertThat(entry.state()).isEqualTo(new OwnershipRecord.State.Free());
      }
      entry = entry.observe(seen(Set.of(OWNER), true, now), RECLAIM);
      assertThat(holder(entry)).isEqualTo(OWNER);
    }
  }
}
