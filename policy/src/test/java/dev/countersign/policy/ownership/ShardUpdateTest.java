package dev.countersign.policy.ownership;

import static dev.countersign.policy.Worlds.dns;
import static dev.countersign.policy.Worlds.ip;
import static dev.countersign.policy.Worlds.nodeName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NameOrAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a Node may have on record, and what a shard has room for. */
class ShardUpdateTest {
  private static final Instant T0 = Instant.parse("2026-11-22T01:00:00Z");
  private static final Duration RECLAIM = Duration.ofSeconds(30);
  private static final ReportingNode HONEST = new ReportingNode(nodeName("honest"), "1");
  private static final ReportingNode GREEDY = new ReportingNode(nodeName("greedy"), "2");
  private static final int BUDGET = 2000;

  private final NodeRecords records = new NodeRecords();
  private Shard shard = Shard.empty();

  private static Observation seen(int second, ReportingNode... claimants) {
    return new Observation(List.of(claimants), Optional.empty(), true, T0.plusSeconds(second));
  }

  private ShardUpdate update(Map<NameOrAddress, Observation> seen, int budget) {
    ShardUpdate update = ShardUpdate.of(shard, seen, records, budget, RECLAIM);
    shard = shard.with(update.changed());
    assertThat(ShardUpdate.of(shard, seen, records, budget, RECLAIM).changed())
        .as("the same seen again")
        .isEmpty();
    return update;
  }

  private ShardUpdate update(Map<NameOrAddress, Observation> seen) {
    return update(seen, BUDGET);
  }

  private static DnsName longName(int number) {
    return dns(("n%03d.".formatted(number) + "long-label.".repeat(20) + "example"));
  }

  private static Map<NameOrAddress, Observation> manyOf(ReportingNode claimant, int names) {
    Map<NameOrAddress, Observation> seen = new HashMap<>();
    for (int i = 0; i < names; i++) {
      seen.put(longName(i), seen(0, claimant));
    }
    return seen;
  }

  @Test
  void nodeOverItsBudget_isTurnedAway_andItsOwnNameIsNot() {
    Map<NameOrAddress, Observation> seen = manyOf(GREEDY, 50);
    seen.put(dns("greedy"), seen(0, GREEDY));
    seen.put(ip("192.0.2.1"), seen(0, HONEST));

    ShardUpdate update = update(seen);

    assertThat(update.turnedAway())
        .containsExactly(Map.entry(GREEDY.node(), ShardUpdate.Cause.OVER_BUDGET));
    assertThat(records.bytes(GREEDY.node())).isBetween(BUDGET - 400, BUDGET + 100);
    assertThat(shard.entry(dns("greedy")).owner()).contains(GREEDY.node());
    assertThat(shard.entry(ip("192.0.2.1")).owner()).contains(HONEST.node());
    assertThat(records.nodes()).containsExactlyInAnyOrder(GREEDY.node(), HONEST.node());
  }

  @Test
  void budget_isUsedUpToItsLastByte() {
    Map<NameOrAddress, Observation> seen = Map.of(ip("192.0.2.1"), seen(0, HONEST));
    int cost = NodeRecords.cost(HONEST.node(), ip("192.0.2.1"));

    assertThat(update(seen, cost - 1).turnedAway()).containsKey(HONEST.node());
    assertThat(update(seen, cost).turnedAway()).isEmpty();
    assertThat(shard.entry(ip("192.0.2.1")).owner()).contains(HONEST.node());
  }

  @Test
  void whatANodeLeft_countsUntilItIsOver() {
    update(manyOf(GREEDY, 50));
    Map<NameOrAddress, Observation> dropped = new HashMap<>();
    shard.entries().keySet().forEach(claim -> dropped.put(claim, seen(1)));
    update(dropped);
    Map<NameOrAddress, Observation> others = new HashMap<>();
    others.put(ip("192.0.2.2"), seen(1, GREEDY));
    others.put(longName(200), seen(1, GREEDY));

    assertThat(update(others).turnedAway()).containsKey(GREEDY.node());
    dropped.replaceAll((_, _) -> seen(31));
    update(dropped);
    assertThat(update(others).turnedAway()).isEmpty();
    assertThat(records.of(GREEDY.node())).containsExactlyInAnyOrderElementsOf(others.keySet());
  }

  /** What another waits for does not become less its holder's, nor longer than so. */
  @Test
  void whoWaits_paysForIt_andTheHolderDoesNot() {
    Map<NameOrAddress, Observation> seen = new HashMap<>();
    for (int i = 0; i < 15; i++) {
      seen.put(ip("192.0.2." + i), seen(0, HONEST));
    }
    update(seen);
    int honest = records.bytes(HONEST.node());
    seen.replaceAll((_, _) -> seen(1, HONEST, GREEDY));
    update(seen, 500);

    assertThat(records.bytes(HONEST.node())).isEqualTo(honest);
    assertThat(records.bytes(GREEDY.node())).isLessThanOrEqualTo(500).isPositive();
    assertThat(seen.keySet()).allMatch(claim -> shard.entry(claim).owner().isPresent());
  }

  @Test
  void nodeOnRecord_keepsEverything_whenTheBudgetShrinks() {
    update(manyOf(GREEDY, 6), 10_000);

    assertThat(update(manyOf(GREEDY, 6), 100).changed()).isEmpty();
    assertThat(records.of(GREEDY.node())).hasSize(6);
  }

  /** Thousands of Nodes have filled it: what is there goes on, and who has least comes first. */
  @Test
  void fullShard_writesWhatFits_andKeepsWorking() {
    update(Map.of(ip("192.0.2.1"), seen(0, HONEST)));
    Map<NameOrAddress, Observation> flood = new HashMap<>();
    for (int i = 0; i < 4000; i++) {
      flood.put(longName(i), seen(1, new ReportingNode(nodeName("bad-" + i % 400), "3")));
    }
    ShardUpdate update = update(flood, 1_000_000);

    assertThat(shard.bytes()).isBetween(Shard.MOST_BYTES - 1000, Shard.MOST_BYTES);
    assertThat(update.turnedAway()).containsValue(ShardUpdate.Cause.RECORD_FULL);
    assertThat(update(Map.of(ip("192.0.2.1"), seen(2))).changed()).hasSize(1);
    update(Map.of(ip("192.0.2.1"), seen(3, HONEST)));
    assertThat(shard.entry(ip("192.0.2.1")).owner()).contains(HONEST.node());
    assertThat(shard.toText()).hasSizeLessThan(1 << 20);
  }

  @Test
  void shardWithALittleRoom_givesItToWhoHasLeast() {
    for (int i = 0; shard.bytes() < Shard.MOST_BYTES - 800; i++) {
      update(Map.of(longName(i), seen(0, GREEDY)), Integer.MAX_VALUE);
    }
    Map<NameOrAddress, Observation> seen = new HashMap<>();
    for (int i = 900_000; i < 900_010; i++) {
      seen.put(dns("a" + i + ".example"), seen(1, GREEDY));
      seen.put(longName(i), seen(1, GREEDY));
    }
    // After all others by its text.
    seen.put(dns("z.example"), seen(1, HONEST));

    ShardUpdate update = update(seen, Integer.MAX_VALUE);

    assertThat(update.turnedAway())
        .containsExactly(Map.entry(GREEDY.node(), ShardUpdate.Cause.RECORD_FULL));
    assertThat(shard.entry(dns("z.example")).owner()).contains(HONEST.node());
  }
}
