package dev.countersign.policy.property;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.Ownership;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.ownership.NodeRecords;
import dev.countersign.policy.ownership.Observation;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ReportedAddresses;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import dev.countersign.policy.ownership.ShardUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * One attacker among honest Nodes, over sequences that nobody thought of. The attacker has a node's
 * credentials and a bootstrap token: it writes any status, deletes its Nodes and makes them anew,
 * and joins under any name that is not an honest Node's. The approver is down now and then.
 */
class OwnershipSequencesTest {
  private static final int SEQUENCES = 100_000;
  private static final int EVENTS = 9;
  private static final Instant START = Instant.parse("2026-11-22T01:00:00Z");
  private static final Fact<ProtectedSpace> SPACE = Fact.known(ProtectedSpace.builder().build());
  private static final PolicyConfig CONFIG = config();
  private static final Duration RECLAIM = CONFIG.ownership().reclaim();
  private static final ShardKey KEY = ShardKey.generate(new Random(5));

  /** Honest Nodes, and the names and addresses that are each one's own. */
  private static final List<NodeFact> HONEST =
      List.of(
          honest("node-a", "192.0.2.1", "node-a.corp.example"),
          honest("node-b", "192.0.2.2", "node-b.corp.example"),
          honest("node-c", "192.0.2.3", "ec2-192-0-2-3.compute.example"),
          honest("node-d.corp.example", "2001:db8::4", "node-d"));

  private static final List<String> TOKEN_NAMES =
      List.of(
          "evil",
          "node-a.corp.example",
          "node-b.corp.example",
          "ec2-192-0-2-3.compute.example",
          "node-c.corp.example",
          "node-e",
          "evil.corp.example");

  /** What the attacker names in its status: others' names and addresses, and long ones. */
  private static final List<NodeAddress> CLAIMS = claims();

  private static final Map<NameOrAddress, Integer> NUMBERS = new HashMap<>();

  private static PolicyConfig config() {
    Ownership defaults = PolicyConfig.defaults().ownership();
    return PolicyConfig.defaults()
        .withOwnership(
            new Ownership(
                true,
                Set.of(),
                List.of(),
                defaults.reclaim(),
                defaults.siblingNames(),
                new Ownership.PerNode(Optional.of(1024), 8, Duration.ofSeconds(5))));
  }

  private static NodeFact honest(String name, String address, String dns) {
    return Worlds.node(
        name, name, Worlds.hostname(name), Worlds.internal(address), Worlds.internalDns(dns));
  }

  private static List<NodeAddress> claims() {
    List<NodeAddress> claims = new ArrayList<>();
    for (NodeFact node : HONEST) {
      claims.addAll(node.addresses());
      claims.add(Worlds.internalDns(node.name().text()));
    }
    for (int i = 0; i < 4; i++) {
      claims.add(Worlds.internal("203.0.113." + i));
      claims.add(Worlds.externalDns("n" + i + ".long-label".repeat(20) + ".example"));
    }
    return List.copyOf(claims);
  }

  private static int numberOf(NameOrAddress claim) {
    return NUMBERS.computeIfAbsent(claim, KEY::numberOf);
  }

  /** One sequence: the cluster, and what the approver has on record of it. */
  private static final class World {
    private final Random random;
    private final Map<NodeName, NodeFact> nodes = new HashMap<>();
    private final Map<NodeName, Set<NameOrAddress>> claimed = new HashMap<>();
    private final Map<Integer, Shard> shards = new HashMap<>();
    private final Set<NameOrAddress> unobserved = new HashSet<>();
    private final Map<NodeName, Instant> gone = new HashMap<>();
    private NodeRecords records = new NodeRecords();
    private Instant now = START;
    private boolean down;
    private int uids;

    World(long seed) {
      this.random = new Random(seed);
    }

    OwnershipRecord entry(NameOrAddress claim) {
      return shards.getOrDefault(numberOf(claim), Shard.empty()).entry(claim);
    }

    private static Set<NameOrAddress> claims(NodeFact node) {
      return ReportedAddresses.of(node).within(CONFIG.limits().names());
    }

    private Set<NameOrAddress> claimedBy(NodeFact node) {
      return claimed.getOrDefault(node.name(), Set.of());
    }

    private List<NodeFact> naming(NameOrAddress claim) {
      List<NodeFact> naming = new ArrayList<>();
      for (NodeFact node : nodes.values()) {
        if (claimedBy(node).contains(claim)) {
          naming.add(node);
        }
      }
      return naming;
    }

    private void put(NodeFact node) {
      change(node.name(), Optional.of(node));
    }

    private void change(NodeName name, Optional<NodeFact> after) {
      unobserved.addAll(records.of(name));
      Optional.ofNullable(nodes.get(name)).ifPresent(node -> unobserved.addAll(claimed.get(name)));
      after.ifPresentOrElse(node -> nodes.put(name, node), () -> nodes.remove(name));
      after.ifPresentOrElse(node -> claimed.put(name, claims(node)), () -> claimed.remove(name));
      unobserved.addAll(claimed.getOrDefault(name, Set.of()));
    }

    /** A Node of that name as it is made now. */
    private NodeFact made(NodeFact like, List<NodeAddress> addresses) {
      return new NodeFact(
          like.name(), "uid-" + uids++, now, addresses, List.of(), Map.of(), Map.of());
    }

    private static NodeFact with(NodeFact node, List<NodeAddress> addresses) {
      return new NodeFact(
          node.name(), node.uid(), node.created(), addresses, List.of(), Map.of(), Map.of());
    }

    private List<NodeAddress> someClaims() {
      List<NodeAddress> some = new ArrayList<>();
      for (int i = random.nextInt(6); i >= 0; i--) {
        some.add(CLAIMS.get(random.nextInt(CLAIMS.size())));
      }
      return some;
    }

    /** The approver looks at what has changed. */
    void observe() {
      for (Map.Entry<Integer, Shard> one : shards.entrySet()) {
        one.getValue()
            .entries()
            .forEach(
                (claim, entry) ->
                    entry
                        .changesAt(RECLAIM)
                        .filter(at -> !now.isBefore(at))
                        .ifPresent(_ -> unobserved.add(claim)));
      }
      Map<Integer, Map<NameOrAddress, Observation>> seen = new HashMap<>();
      for (NameOrAddress claim : unobserved) {
        seen.computeIfAbsent(numberOf(claim), _ -> new HashMap<>())
            .put(
                claim,
                Observation.of(
                    claim,
                    naming(claim),
                    name -> Optional.ofNullable(nodes.get(name)),
                    SPACE,
                    entry(claim),
                    CONFIG,
                    now));
      }
      unobserved.clear();
      seen.forEach(
          (number, observations) -> {
            Shard shard = shards.getOrDefault(number, Shard.empty());
            ShardUpdate update =
                ShardUpdate.of(shard, observations, records, CONFIG.recordBytesPerNode(), RECLAIM);
            shards.put(number, shard.with(update.changed()));
          });
    }

    /** Another approver reads what is written. */
    void restart() {
      NodeRecords read = new NodeRecords();
      shards.replaceAll((_, shard) -> Shard.parse(shard.toText()).orThrow());
      shards
          .values()
          .forEach(
              shard ->
                  shard
                      .entries()
                      .forEach(
                          (claim, entry) -> read.replace(claim, OwnershipRecord.nothing(), entry)));
      records = read;
      shards.values().forEach(shard -> unobserved.addAll(shard.entries().keySet()));
      nodes.values().forEach(node -> unobserved.addAll(claimed.get(node.name())));
    }

    /** What an honest Node holds that exists and claims it. */
    Map<NameOrAddress, NodeName> honestHoldings() {
      Map<NameOrAddress, NodeName> holdings = new HashMap<>();
      for (NodeFact honest : HONEST) {
        NodeFact node = nodes.get(honest.name());
        if (node != null) {
          for (NameOrAddress claim : claimedBy(node)) {
            if (holds(node.name(), claim)) {
              holdings.put(claim, node.name());
            }
          }
        }
      }
      return holdings;
    }

    boolean holds(NodeName node, NameOrAddress claim) {
      return entry(claim).state() instanceof OwnershipRecord.State.Held held
          && held.holder().node().equals(node);
    }

    /** One event; what an honest Node must have got by it. */
    Map<NameOrAddress, NodeName> event() {
      now = now.plusMillis(random.nextInt(4) == 0 ? random.nextInt(40_000) : random.nextInt(900));
      return switch (random.nextInt(10)) {
        case 0, 1, 2 -> honestComesOrGoes();
        case 3 -> {
          down = !down;
          if (random.nextBoolean()) {
            restart();
          }
          yield Map.of();
        }
        default -> {
          attack();
          yield Map.of();
        }
      };
    }

    private Map<NameOrAddress, NodeName> honestComesOrGoes() {
      NodeFact honest = HONEST.get(random.nextInt(HONEST.size()));
      if (nodes.containsKey(honest.name())) {
        change(honest.name(), Optional.empty());
        gone.put(honest.name(), down ? Instant.MIN : now);
        return Map.of();
      }
      Map<NameOrAddress, NodeName> due = new HashMap<>();
      NodeFact node = made(honest, honest.addresses());
      // Back in time after everyone has seen it go, nothing of it is another's.
      boolean back =
          !down
              && gone.containsKey(honest.name())
              && gone.get(honest.name()).isAfter(START.minusSeconds(1))
              && now.isBefore(gone.get(honest.name()).plus(RECLAIM));
      for (NameOrAddress claim : claims(node)) {
        boolean free =
            entry(claim).isNothing()
                && naming(claim).stream()
                    .allMatch(
                        other ->
                            claim instanceof DnsName name
                                && ReportedAddresses.isSibling(other.name(), name))
                && !isANodesName(claim);
        boolean former = back && entry(claim).owner().filter(node.name()::equals).isPresent();
        if (!down && (free || former)) {
          due.put(claim, node.name());
        }
      }
      put(node);
      return due;
    }

    private boolean isANodesName(NameOrAddress claim) {
      return claim instanceof DnsName name
          && NodeName.parse(name.text()).filter(nodes::containsKey).isPresent();
    }

    private void attack() {
      NodeName name =
          random.nextInt(3) == 0
              ? Worlds.nodeName(TOKEN_NAMES.get(random.nextInt(TOKEN_NAMES.size())))
              : Worlds.nodeName("node-x");
      NodeFact node = nodes.get(name);
      if (node == null) {
        put(made(Worlds.node(name.text(), "", Worlds.hostname(name.text())), someClaims()));
      } else if (random.nextInt(4) == 0) {
        change(name, Optional.empty());
      } else {
        put(with(node, someClaims()));
      }
    }

    void assertBounded() {
      for (NodeName node : records.nodes()) {
        assertThat(records.bytes(node))
            .isLessThanOrEqualTo(CONFIG.recordBytesPerNode() + NodeRecords.OWN_NAME);
      }
    }
  }

  @Test
  void whateverTheAttackerDoes_nothingOfOthersMoves_norWaits_norGrows() {
    int held = 0;
    int due = 0;
    for (int seed = 0; seed < SEQUENCES; seed++) {
      World world = new World(seed);
      for (int event = 0; event < EVENTS; event++) {
        Map<NameOrAddress, NodeName> before = world.honestHoldings();
        Map<NameOrAddress, NodeName> gets = world.event();
        if (world.down) {
          continue;
        }
        world.observe();
        String where = "sequence " + seed + ", event " + event + ": ";
        for (Map.Entry<NameOrAddress, NodeName> one : before.entrySet()) {
          if (world.nodes.containsKey(one.getValue())
              && !world.holds(one.getValue(), one.getKey())) {
            throw new AssertionError(where + one + " is lost to " + world.entry(one.getKey()));
          }
          held++;
        }
        for (Map.Entry<NameOrAddress, NodeName> one : gets.entrySet()) {
          if (!world.holds(one.getValue(), one.getKey())) {
            throw new AssertionError(where + one + " waits: " + world.entry(one.getKey()));
          }
          due++;
        }
      }
      world.assertBounded();
    }
    // Not about nothing.
    assertThat(held).isGreaterThan(SEQUENCES);
    assertThat(due).isGreaterThan(SEQUENCES);
  }

  /**
   * The sequence that was shown on a live cluster: a Node that joins under a name that another
   * owns.
   */
  @Test
  void nodeThatJoinsUnderAHeldName_waits() {
    World world = new World(0);
    NodeFact holder = HONEST.getFirst();
    NameOrAddress name = DnsName.of("node-a.corp.example");
    world.put(world.made(holder, holder.addresses()));
    world.observe();
    world.now = world.now.plusSeconds(5);
    world.put(world.made(Worlds.node("node-a.corp.example", ""), List.of()));
    world.observe();

    assertThat(world.holds(holder.name(), name)).isTrue();
    assertThat(world.entry(name).waiting())
        .extracting(waiting -> waiting.claimant().node().text())
        .containsExactly("node-a.corp.example");
    assertThat(world.holds(holder.name(), IpAddress.parse("192.0.2.1").orElseThrow())).isTrue();
  }
}
