package dev.countersign.policy.ownership;

import static dev.countersign.policy.Worlds.dns;
import static dev.countersign.policy.Worlds.ip;
import static dev.countersign.policy.Worlds.nodeName;
import static dev.countersign.policy.Worlds.range;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnedAddressesTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final NodeName LIAR = nodeName("liar");

  private final OwnedAddresses held = new OwnedAddresses();

  private static Shard shard(String... heldBy) {
    Map<NameOrAddress, OwnershipRecord> entries = new HashMap<>();
    for (String one : heldBy) {
      String[] words = one.split(" ", -1);
      entries.put(
          ip(words[0]),
          OwnershipRecord.nothing()
              .settle(new ReportingNode(nodeName(words[1]), "uid-" + words[1]), NOW));
    }
    return Shard.empty().with(entries);
  }

  private void holds(String... heldBy) {
    held.replace(Shard.empty(), shard(heldBy));
  }

  @Test
  void range_whereTwoOtherNodesLive_isNoPodRange() {
    holds("192.0.2.10 a", "192.0.2.11 b");

    assertThat(held.refutes(range("192.0.2.0/24"), LIAR)).isTrue();
    assertThat(held.refutes(range("192.0.2.10/31"), LIAR)).as("both edges count").isTrue();
    assertThat(held.refutes(range("192.0.3.0/24"), LIAR)).isFalse();
    assertThat(held.refutes(range("::/0"), LIAR)).isFalse();
  }

  /** One Node's credentials must not lift the protection of another Node's Pods. */
  @Test
  void range_inWhichOneOtherNodeHasManyAddresses_isBelieved() {
    holds("10.2.1.7 thief", "10.2.1.8 thief", "10.2.1.9 thief", "10.2.1.1 owner");

    assertThat(held.refutes(range("10.2.1.0/24"), nodeName("owner"))).isFalse();
  }

  @Test
  void ipv6_goesByTheSameRule() {
    holds("fd00:1::10 a", "fd00:1::ffff:0:0:1 b");

    assertThat(held.refutes(range("fd00:1::/64"), LIAR)).isTrue();
    assertThat(held.refutes(range("fd00:1::/112"), LIAR)).isFalse();
  }

  @Test
  void record_isFollowed() {
    Shard before = shard("192.0.2.10 a", "192.0.2.11 b");
    holds("192.0.2.10 a", "192.0.2.11 b");

    held.replace(before, shard("192.0.2.10 a", "192.0.2.11 a"));
    assertThat(held.refutes(range("192.0.2.0/24"), LIAR)).isFalse();

    held.replace(shard("192.0.2.10 a", "192.0.2.11 a"), before);
    assertThat(held.refutes(range("192.0.2.0/24"), LIAR)).isTrue();

    OwnershipRecord left =
        new OwnershipRecord(new OwnershipRecord.State.Left(nodeName("b"), NOW), List.of(), 0);
    held.replace(before, before.with(Map.of(ip("192.0.2.11"), left)));
    assertThat(held.refutes(range("192.0.2.0/24"), LIAR)).as("left by b").isFalse();

    held.replace(before, Shard.empty());
    assertThat(held.refutes(range("0.0.0.0/0"), LIAR)).isFalse();
  }

  @Test
  void names_doNotMatter() {
    held.replace(
        Shard.empty(),
        Shard.empty()
            .with(
                Map.of(
                    dns("192.0.2.10"),
                    OwnershipRecord.nothing().settle(new ReportingNode(nodeName("a"), "u"), NOW),
                    ip("192.0.2.11"),
                    OwnershipRecord.nothing().settle(new ReportingNode(nodeName("b"), "u"), NOW))));

    assertThat(held.refutes(range("0.0.0.0/0"), LIAR)).isFalse();
  }
}
