package dev.countersign.policy.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.Worlds;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardTest {
  private static final Instant T0 = Instant.parse("2026-11-22T01:00:00Z");

  private static OwnershipRecord entry(ReportingNode... claimants) {
    return OwnershipRecord.nothing()
        .observe(
            new Observation(List.of(claimants), Optional.empty(), true, T0),
            Duration.ofSeconds(30));
  }

  private static ReportingNode claimant(String name) {
    return new ReportingNode(Worlds.nodeName(name), "0b5e-" + name);
  }

  @Test
  void text_readsBack() {
    OwnershipRecord left =
        new OwnershipRecord(
            new OwnershipRecord.State.Left(Worlds.nodeName("node-a"), T0),
            List.of(new OwnershipRecord.Waiting(claimant("node-b"), T0)),
            0);
    ReportingNode[] crowd = new ReportingNode[10];
    for (int i = 0; i < crowd.length; i++) {
      crowd[i] = claimant("n" + i);
    }
    OwnershipRecord freed =
        new OwnershipRecord(
            new OwnershipRecord.State.Free(Optional.of(Worlds.nodeName("node-a"))),
            entry(crowd).waiting(),
            2);
    Shard shard =
        Shard.empty()
            .with(
                Map.of(
                    Worlds.ip("2001:db8::1"),
                    entry(claimant("node-a")),
                    Worlds.ip("192.0.2.1"),
                    entry(claimant("node-a"), claimant("node-b")),
                    Worlds.dns("node-c"),
                    left,
                    Worlds.dns("node-d"),
                    freed));

    assertThat(shard.toText())
        .hasSize(shard.bytes())
        .isEqualTo(
            """
            countersign.dev/ownership/v1
            ip\t192.0.2.1\tfree\tnode-a 0b5e-node-a 2026-11-22T01:00:00Z\t\
            node-b 0b5e-node-b 2026-11-22T01:00:00Z
            ip\t2001:db8::1\theld FIRST_CLAIM node-a 0b5e-node-a 2026-11-22T01:00:00Z
            dns\tnode-c\tleft node-a 2026-11-22T01:00:00Z\tnode-b 0b5e-node-b 2026-11-22T01:00:00Z
            dns\tnode-d\tfree node-a%s\t+2
            """
                .formatted(
                    IntStream.range(0, 8)
                        .mapToObj(i -> "\tn%d 0b5e-n%d 2026-11-22T01:00:00Z".formatted(i, i))
                        .collect(Collectors.joining())));
    assertThat(Shard.parse(shard.toText())).isEqualTo(ParseResult.parsed(shard));
    assertThat(shard.entry(Worlds.dns("node-c"))).isEqualTo(left);
    assertThat(shard.entry(Worlds.dns("other")).isNothing()).isTrue();
    assertThat(shard.entries()).hasSize(4);
    assertThat(shard)
        .hasToString("Shard of 4")
        .hasSameHashCodeAs(Shard.parse(shard.toText()).orThrow());
  }

  @Test
  void dnsNameThatReadsLikeAnAddress_isAnotherEntry_inTheTextToo() {
    Shard shard =
        Shard.empty()
            .with(
                Map.of(
                    Worlds.ip("192.0.2.1"), entry(claimant("node-a")),
                    Worlds.dns("192.0.2.1"), entry(claimant("node-b"))));

    assertThat(Shard.parse(shard.toText())).isEqualTo(ParseResult.parsed(shard));
    assertThat(shard.entry(Worlds.ip("192.0.2.1"))).isEqualTo(entry(claimant("node-a")));
  }

  @Test
  void with_replacesAndRemoves() {
    Shard shard = Shard.empty().with(Map.of(Worlds.dns("a"), entry(claimant("a"))));

    assertThat(shard.with(Map.of(Worlds.dns("a"), OwnershipRecord.nothing())))
        .isEqualTo(Shard.empty());
    assertThat(shard).isNotEqualTo(Shard.empty());
    Shard longer = shard.with(Map.of(Worlds.dns("a"), entry(claimant("a"), claimant("node-b"))));
    assertThat(longer.toText()).hasSize(longer.bytes());
  }

  @Test
  void configMap_hasTheNumberInTwoDigits() {
    assertThat(List.of(Shard.objectName(0), Shard.objectName(9), Shard.objectName(10)))
        .containsExactly(
            "countersign-addresses-00", "countersign-addresses-09", "countersign-addresses-10");
  }

  /** An editor may take it away. */
  @Test
  void text_withoutItsLastLineBreak_isTheSame() {
    Shard shard = Shard.empty().with(Map.of(Worlds.dns("a"), entry(claimant("a"))));

    assertThat(Shard.parse(shard.toText().strip())).isEqualTo(ParseResult.parsed(shard));
  }

  @Test
  void damagedText_isToldByItsLine() {
    assertThat(Shard.parse("countersign.dev/ownership/v1\ndns\ta\tfree\ndns\tb\tlost\n"))
        .isEqualTo(
            ParseResult.refused(
                "line 3", "something else", "a key not seen before, a state, who waits"));
  }

  @Test
  void damagedText_isNotReadAtAll() {
    String header = "countersign.dev/ownership/v1\n";
    for (String text :
        List.of(
            "",
            "countersign.dev/ownership/v2\n",
            header + "ip\t192.0.2.1\n",
            header + "ip\tnode-a\tfree\n",
            header + "mac\t192.0.2.1\tfree\n",
            header + "dns\ta\tfree X\n",
            header + "dns\ta\tfree x y\n",
            header + "dns\ta\tfree\t+0\n",
            header + "dns\ta\tfree" + "\ta u 2026-11-22T01:00:00Z".repeat(9) + "\n",
            header + "dns\ta\tlost\n",
            header + "dns\ta\theld FIRST_CLAIM a u\n",
            header + "dns\ta\theld LAST_CLAIM a u 2026-11-22T01:00:00Z\n",
            header + "dns\ta\theld FIRST_CLAIM A u 2026-11-22T01:00:00Z\n",
            header + "dns\ta\theld FIRST_CLAIM a u yesterday\n",
            header + "dns\ta\tleft a\n",
            header + "dns\ta\tleft A 2026-11-22T01:00:00Z\n",
            header + "dns\ta\tfree\ta u\n",
            header + "dns\ta\tfree\n\n",
            header + "dns\ta\tfree\ndns\ta\tfree\n")) {
      assertThat(Shard.parse(text)).as("%s", text).isInstanceOf(ParseResult.Refused.class);
    }
  }

  @Test
  void numbers_spreadEvenly_andAreThoseOfTheKey() {
    ShardKey key = ShardKey.parse("MDEyMzQ1Njc4OWFiY2RlZg==").orElseThrow();
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      NameOrAddress claim =
          i % 2 == 0
              ? new IpAddress(0, 0x0a000000L + i, true)
              : DnsName.of("worker-" + i + ".example.com");
      counts.merge(key.numberOf(claim), 1, Integer::sum);
    }

    assertThat(counts).hasSize(Shard.COUNT);
    assertThat(counts.values()).allMatch(count -> count > 200 && count < 450);
    assertThat(List.of(key.numberOf(Worlds.dns("node-a")), key.numberOf(Worlds.ip("10.0.0.1"))))
        .isEqualTo(List.of(NODE_A, TEN));
  }

  /** Where these are on disk in clusters that run; a change would lose all records. */
  private static final int NODE_A = 11;

  private static final int TEN = 32;

  /** Names that share a shard under one key are spread under another: nobody can aim. */
  @Test
  void numbers_ofNamesInOneShard_areSpreadUnderAnotherKey() {
    ShardKey known = ShardKey.generate(new Random(1));
    ShardKey other = ShardKey.generate(new Random(2));
    Map<Integer, Integer> counts = new HashMap<>();
    int found = 0;
    for (int i = 0; found < 640; i++) {
      DnsName name = DnsName.of("n" + i + ".example.com");
      if (known.numberOf(name) == 7) {
        found++;
        counts.merge(other.numberOf(name), 1, Integer::sum);
      }
    }

    assertThat(counts.values()).allMatch(count -> count < 40);
  }

  @Test
  void key_readsBack_andPrintsNothing() {
    ShardKey key = ShardKey.generate(new Random(3));

    assertThat(ShardKey.parse(key.toText())).contains(key);
    assertThat(key).hasToString("ShardKey").hasSameHashCodeAs(ShardKey.parse(key.toText()).get());
    assertThat(key).isNotEqualTo(ShardKey.generate(new Random(4)));
    assertThat(ShardKey.parse("")).isEmpty();
    assertThat(ShardKey.parse("not base64!")).isEmpty();
    assertThat(ShardKey.parse("AAAA")).isEmpty();
  }

  @Test
  void claims_ofANodeAreWhatItsKubeletAsksFor() {
    assertThat(
            ReportedAddresses.of(
                    Worlds.node(
                        "node-a",
                        "u",
                        Worlds.hostname("Node-A"),
                        Worlds.internal("192.0.2.10"),
                        Worlds.external("not an address"),
                        Worlds.internalDns("10.0.0.1"),
                        Worlds.internalDns("a\tb"),
                        Worlds.externalDns("a.example.com")))
                .within(100))
        .containsExactlyInAnyOrder(
            Worlds.ip("192.0.2.10"), Worlds.dns("a.example.com"), Worlds.dns("node-a"));
    assertThat(
            ReportedAddresses.of(
                    Worlds.node("node-a", "u", Worlds.hostname("a"), Worlds.internal("192.0.2.10")))
                .within(1))
        .containsExactly(Worlds.dns("node-a"));
    assertThat(
            ReportedAddresses.of(
                    Worlds.node("node-a", "u", Worlds.hostname("a"), Worlds.internal("192.0.2.10")))
                .within(2))
        .hasSize(3);
  }

  @Test
  void claims_ofANodeThatIsCalledLikeAnAddress_areItsAddresses() {
    ReportedAddresses anothers =
        ReportedAddresses.of(Worlds.node("192.0.2.11", "u", Worlds.internal("192.0.2.10")));
    ReportedAddresses own =
        ReportedAddresses.of(Worlds.node("192.0.2.10", "u", Worlds.internal("192.0.2.10")));

    assertThat(anothers.within(100)).containsExactly(Worlds.ip("192.0.2.10"));
    assertThat(own.within(100))
        .containsExactlyInAnyOrder(Worlds.ip("192.0.2.10"), Worlds.dns("192.0.2.10"));
  }
}
