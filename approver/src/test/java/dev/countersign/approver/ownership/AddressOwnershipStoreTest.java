package dev.countersign.approver.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.cluster.Colliding;
import dev.countersign.approver.cluster.InformerCaches;
import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.server.FakeCluster;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.config.Ownership;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import dev.countersign.policy.ownership.ShardUpdate;
import dev.countersign.testkit.FixedClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One leader's record, looked at pass by pass, before a server that keeps it. */
class AddressOwnershipStoreTest {
  private static final Reflector.Timing TIMING =
      new Reflector.Timing(
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofMillis(5),
          Duration.ofMillis(20));
  private static final String SHARDS = "/api/v1/namespaces/ns/configmaps";
  private static final IpAddress ADDRESS = IpAddress.parse("192.0.2.10").orElseThrow();
  private static final ShardKey KEY = ShardKey.generate(new Random(7));
  private static final String SHARD = shardOf(ADDRESS);

  private static String shardOf(NameOrAddress claim) {
    return Shard.objectName(KEY.numberOf(claim));
  }

  /** A replica: caches and a record of its own. */
  private final class Replica implements AutoCloseable {
    private final ApiClient client = cluster.server().client();
    private final StringWriter out = new StringWriter();
    private final StructuredLog log = new StructuredLog(out, LogFormat.TEXT, clock);
    private final ApproverMetrics metrics = new ApproverMetrics();
    private final ConcurrentLinkedQueue<String> decided = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final InformerCaches facts;
    private final AddressOwnershipStore ownership;
    private int nodeEvents;
    private boolean keyed;

    Replica() {
      facts =
          new InformerCaches(
              client,
              TIMING,
              WatchObserver.NONE,
              new Random(1),
              new InformerCaches.Listener() {
                @Override
                public void nodeChanged(
                    NodeName name, Optional<NodeFact> before, Optional<NodeFact> after) {
                  ownership().nodeChanged(name, before, after);
                  synchronized (Replica.this) {
                    nodeEvents++;
                  }
                }

                @Override
                public void surroundingsChanged() {
                  ownership().surroundingsChanged();
                }
              });
      ownership =
          new AddressOwnershipStore(
              client,
              "ns",
              clock,
              facts,
              () -> config,
              log,
              TIMING,
              WatchObserver.NONE,
              metrics,
              new Random(1),
              new OwnershipListener() {
                @Override
                public void decided(NodeName node) {
                  decided.add(node.text());
                }

                @Override
                public void waits(NodeName node, NameOrAddress claim, OwnershipRecord entry) {
                  told.add(node + " waits for " + claim.key());
                }

                @Override
                public void turnedAway(NodeName node, ShardUpdate.Cause cause) {
                  told.add(node + " turned away: " + cause.text());
                }

                @Override
                public void slowed(NodeName node) {
                  told.add(node + " slowed");
                }
              });
      facts.watches().forEach(watch -> threads.add(Thread.ofVirtual().start(watch)));
      threads.add(Thread.ofVirtual().start(ownership.watch()));
      FakeCluster.await("lists", () -> facts.complete() && ownership.watch().synced());
    }

    private AddressOwnershipStore ownership() {
      return ownership;
    }

    private synchronized int nodeEvents() {
      return nodeEvents;
    }

    /** Waits until so many changes of Nodes have come. */
    void seen(int events) {
      FakeCluster.await("changes of Nodes", () -> nodeEvents() == events);
    }

    /** Looks at all there is to look at now; how many shards that were. */
    int pass() {
      int looked = 0;
      while (true) {
        Optional<ShardQueue.Work> work = ownership.poll();
        if (work.isEmpty() && !wantsKey()) {
          return looked;
        }
        work.ifPresent(ownership::bringInStep);
        looked += work.isPresent() ? 1 : 0;
      }
    }

    /** One that has just chosen the key has done nothing yet. */
    private boolean wantsKey() {
      boolean chosen = keyed;
      keyed = ownership.holdings(Set.of()).isKnown();
      return keyed && !chosen;
    }

    String holding(NameOrAddress claim) {
      return ownership.holdings(Set.of(claim))
              instanceof Fact.Known<Map<NameOrAddress, AddressOwnership>> known
          ? switch (known.value().get(claim)) {
            case AddressOwnership.HeldBy held -> "held by " + held.owner() + " " + held.uid();
            case AddressOwnership.Unclaimed ignored -> "unclaimed";
            case AddressOwnership.Reserved reserved -> "reserved for " + reserved.claimant();
            case AddressOwnership.Contested contested -> "contested by " + contested.claimants();
            case null -> "not asked";
          }
          : ownership.holdings(Set.of(claim)).toString();
    }

    /** How many writes had that outcome. */
    int writes(String outcome) throws IOException {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      metrics.write(text);
      String prefix = "countersign_address_record_writes_total{outcome=\"" + outcome + "\"} ";
      return text.toString(StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(prefix))
          .mapToInt(line -> (int) Double.parseDouble(line.substring(prefix.length())))
          .sum();
    }

    @Override
    public void close() {
      facts.watches().forEach(Reflector::close);
      ownership.close();
      client.close();
      log.close();
    }
  }

  @TempDir private Path directory;
  private final FixedClock clock = FixedClock.at("2026-11-22T10:00:00Z");
  private final List<Replica> replicas = new ArrayList<>();
  private FakeCluster cluster;
  private PolicyConfig config = PolicyConfig.defaults();

  @BeforeEach
  void begin() {
    cluster = new FakeCluster(directory);
    cluster.put(
        SHARDS,
        ShardKey.OBJECT_NAME,
        "{\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"@V\"},\"data\":{\"key\":\"%s\"}}"
            .formatted(ShardKey.OBJECT_NAME, KEY.toText()));
  }

  /** The records, without their key. */
  private List<String> shards() {
    return cluster.names(SHARDS).stream()
        .filter(name -> !name.equals(ShardKey.OBJECT_NAME))
        .toList();
  }

  @AfterEach
  void end() {
    replicas.forEach(Replica::close);
    cluster.close();
  }

  /** What most tests look at. */
  private record Figures(int entries, int contested) {
    static Figures of(Replica replica) {
      OwnershipFigures figures = replica.ownership.figures();
      return new Figures(figures.entries(), figures.contested());
    }
  }

  private Replica replica() {
    Replica replica = new Replica();
    replicas.add(replica);
    return replica;
  }

  private Replica leader() {
    Replica replica = replica();
    replica.ownership.setWriting(true);
    return replica;
  }

  @Test
  void pass_firstClaim_isRecordedInAShardOfItsOwn_andTold() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica leader = leader();
    assertThat(leader.holding(ADDRESS)).isEqualTo("unclaimed");

    leader.pass();

    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-a u1");
    assertThat(leader.decided).containsOnly("node-a").hasSize(2);
    // One for the address and one for the name; that is, no shard without content.
    assertThat(shards()).hasSize(2).contains(SHARD);
    assertThat(cluster.get(SHARDS, SHARD).orElseThrow())
        .contains("\"countersign.dev/ledger\":\"addresses\"")
        .contains(
            "\"entries\":\"countersign.dev/ownership/v1\\n"
                + "ip\\t"
                + ADDRESS.key()
                + "\\theld FIRST_CLAIM node-a u1 2026-11-22T10:00:00Z\\n\"");
    assertThat(leader.writes("written")).isEqualTo(2);
    assertThat(Figures.of(leader)).isEqualTo(new Figures(2, 0));
  }

  @Test
  void pass_nothingChanged_writesNothing() {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica leader = leader();
    assertThat(leader.ownership.inStep()).isFalse();
    leader.pass();
    leader.pass();
    assertThat(leader.ownership.inStep()).isTrue();
    assertThat(cluster.seen("POST")).hasSize(2);
    assertThat(cluster.seen("PUT")).isEmpty();
  }

  @Test
  void pass_standby_writesNothing() {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica standby = replica();
    standby.pass();
    assertThat(shards()).isEmpty();
    assertThat(standby.ownership.inStep()).isFalse();
  }

  /** node-a is on record, and node-b has claimed its address since. */
  private Replica leaderOfAContest() {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica leader = leader();
    leader.pass();
    cluster.node("node-b", "u2", "192.0.2.10");
    leader.seen(2);
    return leader;
  }

  @Test
  void pass_claimOfAHeldAddress_waits() {
    Replica leader = leaderOfAContest();
    leader.pass();
    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-a u1");
    assertThat(leader.ownership.figures().contested()).isEqualTo(1);
  }

  @Test
  void pass_bothClaimAtTheStart_isContested() {
    cluster.node("node-a", "u1", "192.0.2.10");
    cluster.node("node-b", "u2", "192.0.2.10");
    Replica leader = leader();
    leader.pass();
    assertThat(leader.holding(ADDRESS)).isEqualTo("contested by [node-a, node-b]");
  }

  /** The holder leaves; who waits gets it when the time to come back is over, not before. */
  @Test
  void pass_holderLeft_whoWaitsGetsItAfterTheTimeToComeBack() {
    Replica leader = leaderOfAContest();
    leader.pass();
    cluster.delete(FakeCluster.NODES, "node-a");
    leader.seen(3);
    leader.pass();
    assertThat(leader.holding(ADDRESS)).isEqualTo("reserved for node-b");

    clock.advance(Duration.ofMillis(29_999));
    leader.pass();
    assertThat(leader.holding(ADDRESS)).isEqualTo("reserved for node-b");
    clock.advance(Duration.ofMillis(1));
    leader.pass();
    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-b u2");
  }

  @Test
  void pass_shardWrittenBySomeoneElseMeanwhile_isReadAgain_andTheirsIsKept() throws Exception {
    Replica leader = leaderOfAContest();
    cluster.beforeNext("PUT " + SHARDS + "/" + SHARD, () -> record("node-a", "u1"));

    leader.pass();

    assertThat(leader.writes("conflict")).isEqualTo(1);
    assertThat(cluster.seen("PUT " + SHARDS + "/" + SHARD)).hasSize(2);
    // Since 9 o'clock is what the other wrote; that node-b waits is ours.
    assertThat(cluster.get(SHARDS, SHARD).orElseThrow())
        .contains(
            "held FIRST_CLAIM node-a u1 2026-11-22T09:00:00Z\\tnode-b u2 2026-11-22T10:00:00Z\\n");
  }

  /** Two claim it, and another leader has recorded one of them before our first write. */
  @Test
  void pass_shardCreatedBySomeoneElseMeanwhile_doesNotTakeFromWhoeverIsRecorded() {
    cluster.node("node-a", "u1", "192.0.2.10");
    cluster.node("node-b", "u2", "192.0.2.10");
    Replica leader = leader();
    cluster.beforeNext("POST " + SHARDS, () -> record("node-b", "u2"));
    leader.pass();
    leader.pass();
    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-b u2");
  }

  @Test
  void pass_conflictEachTime_givesUpForNow_andSaysWhatToDo() throws Exception {
    Replica leader = leaderOfAContest();
    for (int i = 0; i < 5; i++) {
      cluster.refuseNext("PUT " + SHARDS + "/" + SHARD, 409, "Conflict");
    }
    leader.pass();
    assertThat(leader.writes("conflict")).isEqualTo(5);
    assertThat(leader.ownership.figures().contested()).isZero();

    clock.advance(Duration.ofSeconds(1));
    leader.pass();
    assertThat(leader.ownership.figures().contested()).isEqualTo(1);
    leader.log.close();
    assertThat(leader.out.toString())
        .isEqualTo(
            "2026-11-22T10:00:00Z WARN  address-record-not-written shards=1"
                + " why=\"changed by someone else each time\""
                + " next=\"run one leader for this namespace; tried again in 1 s\"\n");
  }

  @Test
  void pass_namespaceIsMissing_saysSo_andTriesAgain() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    cluster.refuseNext("POST " + SHARDS, 404, "NotFound");
    cluster.refuseNext("POST " + SHARDS, 404, "NotFound");
    Replica leader = leader();
    leader.pass();
    assertThat(leader.writes("failed")).isEqualTo(2);
    assertThat(leader.holding(ADDRESS)).isEqualTo("unclaimed");

    clock.advance(Duration.ofSeconds(1));
    leader.pass();
    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-a u1");
    leader.log.close();
    assertThat(leader.out.toString())
        .contains(
            "shards=2 why=\"refused: 404 NOT_FOUND: no\" next=\"create the namespace (kubectl"
                + " create namespace ns), or name another with --namespace; tried again in 1 s\"");
  }

  @Test
  void pass_mayNotWrite_saysWhatToGrant() {
    cluster.node("node-a", "u1");
    cluster.refuseNext("POST " + SHARDS, 403, "Forbidden");
    Replica leader = leader();
    leader.pass();
    leader.log.close();
    assertThat(leader.out.toString())
        .contains("grant create and update on configmaps in namespace ns");
  }

  @Test
  void restart_readsBackWhatWasRecorded_andWritesNothing() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica first = leader();
    first.pass();
    cluster.node("node-b", "u2", "192.0.2.10");
    first.seen(2);
    first.pass();
    List<String> before = cluster.names(SHARDS);
    String text = cluster.get(SHARDS, SHARD).orElseThrow();
    first.close();

    clock.advance(Duration.ofHours(1));
    Replica second = leader();
    assertThat(second.holding(ADDRESS)).isEqualTo("held by node-a u1");
    second.pass();
    assertThat(second.holding(ADDRESS)).isEqualTo("held by node-a u1");
    assertThat(second.writes("written")).isZero();
    assertThat(cluster.names(SHARDS)).isEqualTo(before);
    assertThat(cluster.get(SHARDS, SHARD)).contains(text);
  }

  /** The Node was replaced while nobody looked: the new one does not get the old one's for long. */
  @Test
  void restart_nodeWasDeletedMeanwhile_itsAddressIsFreeAgain() {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica first = leader();
    first.pass();
    first.close();
    cluster.delete(FakeCluster.NODES, "node-a");

    Replica second = leader();
    second.pass();
    assertThat(second.holding(ADDRESS)).isEqualTo("unclaimed");
    clock.advance(Duration.ofSeconds(30));
    second.pass();
    assertThat(Figures.of(second)).isEqualTo(new Figures(0, 0));
  }

  @Test
  void standby_followsWhatTheLeaderWrites() {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica standby = replica();
    leader().pass();
    FakeCluster.await(
        "the standby reads it", () -> standby.holding(ADDRESS).equals("held by node-a u1"));
  }

  /** Someone deletes the record: what the Nodes claim is recorded anew. */
  @Test
  void shardDeleted_isWrittenAnew() {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica leader = leader();
    leader.pass();
    cluster.delete(SHARDS, SHARD);
    FakeCluster.await("it is gone", () -> leader.holding(ADDRESS).equals("unclaimed"));
    leader.pass();
    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-a u1");
    assertThat(shards()).contains(SHARD);
  }

  @Test
  void shardUnreadable_isUnknown_andNeverOverwritten() {
    cluster.node("node-a", "u1", "192.0.2.10");
    cluster.put(SHARDS, SHARD, shard("something else"));
    Replica leader = leader();
    assertThat(leader.holding(ADDRESS))
        .isEqualTo(
            Fact.unknown("the record of addresses in ConfigMap ns/" + SHARD + " cannot be read")
                .toString());
    leader.pass();
    assertThat(cluster.get(SHARDS, SHARD).orElseThrow()).contains("something else");
    leader.log.close();
    assertThat(leader.out.toString())
        .contains("ERROR address-record-unreadable configmap=ns/" + SHARD);
  }

  /** A Node that claims more than the limit claims nothing: it cannot fill the record. */
  @Test
  void pass_nodeOverTheLimit_isNotRecordedButByItsName() {
    String[] many = new String[100];
    for (int i = 0; i < many.length; i++) {
      many[i] = "192.0.2." + (i + 1);
    }
    cluster.node("node-a", "u1", many);
    Replica leader = leader();
    leader.pass();
    assertThat(Figures.of(leader)).isEqualTo(new Figures(1, 0));
    assertThat(leader.holding(ADDRESS)).isEqualTo("unclaimed");
  }

  /**
   * One hostile kubelet fills its Node with addresses whose hashes are all the same, and nothing
   * else waits for long: each is looked at once, and not once for each of the others.
   */
  @Test
  @Timeout(20)
  void pass_nodeNamesThousandsOfAddresses_costsWhatIsNamed() {
    cluster.node("node-a", "u1", "192.0.2.10");
    cluster.node("node-b", "u2", Colliding.addresses(NodeFact.MOST_ADDRESSES + 3_616));
    Replica leader = leader();
    leader.pass();
    leader.pass();
    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-a u1");
    assertThat(Figures.of(leader)).isEqualTo(new Figures(3, 0));
    assertThat(leader.facts.claims()).hasSize(2 + NodeFact.MOST_ADDRESSES);
  }

  private NameOrAddress of(String address) {
    return IpAddress.parse(address).orElseThrow();
  }

  /** Another address in the same shard. */
  private static String neighbour(int number) {
    int found = 0;
    for (int i = 1; ; i++) {
      String address = "198.18." + i / 250 + "." + (i % 250 + 1);
      if (KEY.numberOf(IpAddress.parse(address).orElseThrow()) == KEY.numberOf(ADDRESS)
          && found++ == number) {
        return address;
      }
    }
  }

  private static String elsewhere() {
    for (int i = 1; ; i++) {
      String address = "198.19.0." + i;
      if (KEY.numberOf(IpAddress.parse(address).orElseThrow()) != KEY.numberOf(ADDRESS)) {
        return address;
      }
    }
  }

  /** One shard cannot be written; the others go on, and it waits by itself. */
  @Test
  void pass_shardThatIsRefused_delaysNoOther() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica leader = leader();
    leader.pass();
    for (int i = 0; i < 3; i++) {
      cluster.refuseNext("PUT " + SHARDS + "/" + SHARD, 500, "InternalError");
    }
    cluster.node("node-b", "u2", neighbour(0));
    leader.seen(2);
    leader.pass();
    cluster.node("node-c", "u3", elsewhere());
    leader.seen(3);
    leader.pass();

    assertThat(leader.holding(of(elsewhere()))).isEqualTo("held by node-c u3");
    assertThat(leader.holding(of(neighbour(0)))).isEqualTo("unclaimed");
    assertThat(leader.writes("failed")).isEqualTo(1);
    for (int pause : List.of(1, 2, 4)) {
      clock.advance(Duration.ofSeconds(pause).minusMillis(1));
      assertThat(leader.pass()).isZero();
      clock.advance(Duration.ofMillis(1));
      leader.pass();
    }
    assertThat(leader.holding(of(neighbour(0)))).isEqualTo("held by node-b u2");
  }

  private static String[] addresses(int from, int count) {
    String[] texts = new String[count];
    for (int i = 0; i < count; i++) {
      texts[i] =
          "10." + (from + i) / 62_500 + "." + (from + i) / 250 % 250 + "." + (from + i) % 250;
    }
    return texts;
  }

  /**
   * It changes 98 addresses ten times a second. Its records stay within bounds, and so does work.
   */
  @Test
  void nodeThatChangesAllTheTime_isSlowed_andDelaysNoOther() {
    cluster.node("churner", "u1", addresses(0, 98));
    Replica leader = leader();
    leader.pass();
    int before = cluster.seen("PUT").size() + cluster.seen("POST").size();
    for (int i = 1; i <= 100; i++) {
      cluster.node("churner", "u1", addresses(98 * i, 98));
      leader.seen(1 + i);
      clock.advance(Duration.ofMillis(100));
      leader.pass();
      assertThat(leader.ownership.figures().entries()).isLessThan(225);
      if (i == 30) {
        assertThat(leader.ownership.figures().slowed()).isEqualTo(1);
      }
    }

    int writes = cluster.seen("PUT").size() + cluster.seen("POST").size() - before;
    assertThat(writes).as("ten changes are looked at").isLessThan(11 * 64);
    assertThat(leader.told).contains("churner slowed", "churner turned away: over-budget");
    cluster.node("node-a", "u2", "192.0.2.10");
    leader.seen(102);
    assertThat(leader.pass()).isPositive();
    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-a u2");

    // It has calmed down: what it claims now is on record once what it left is over.
    clock.advance(Duration.ofSeconds(36));
    leader.pass();
    leader.pass();
    assertThat(leader.ownership.figures().slowed()).isZero();
    assertThat(leader.holding(of(addresses(9800, 1)[0]))).isEqualTo("held by churner u1");
    assertThat(leader.ownership.figures().overBudget()).isZero();
  }

  /** While nothing can be written, what is to be looked at later does not grow with the changes. */
  @Test
  void changesDuringAPause_areHeldOnce() {
    config =
        config.withOwnership(
            new Ownership(
                true,
                Set.of(),
                List.of(),
                Duration.ofSeconds(30),
                Ownership.SiblingNames.ASSIGNED,
                new Ownership.PerNode(Optional.empty(), 1000, Duration.ofSeconds(5))));
    Replica standby = replica();
    for (int i = 0; i < 200; i++) {
      cluster.node("churner", "u1", addresses(98 * i, 98));
    }
    standby.seen(200);
    standby.ownership.setWriting(true);
    assertThat(standby.pass()).isEqualTo(64);
    assertThat(standby.ownership.figures().entries()).isEqualTo(99);
    assertThat(cluster.seen("POST")).hasSizeLessThanOrEqualTo(64);
  }

  /** Records of an earlier version are where another hash put them. */
  @Test
  void recordsWithoutAKey_areLaidOutAnew_andNothingIsLost() {
    cluster.delete(SHARDS, ShardKey.OBJECT_NAME);
    int other = (KEY.numberOf(ADDRESS) + 1) % Shard.COUNT;
    cluster.put(SHARDS, Shard.objectName(other), shard(Shard.objectName(other), HELD_BY_A));
    cluster.node("node-a", "u1", "192.0.2.10");
    cluster.node("node-b", "u2", "192.0.2.10");
    Replica standby = replica();
    assertThat(standby.holding(ADDRESS)).contains("has no key yet");
    Replica leader = leader();
    leader.pass();

    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-a u1");
    assertThat(cluster.names(SHARDS)).contains(ShardKey.OBJECT_NAME);
    assertThat(leader.ownership.figures().contested()).isEqualTo(1);
    assertThat(leader.ownership.figures().entries()).isEqualTo(3);
    FakeCluster.await(
        "the standby reads it", () -> standby.holding(ADDRESS).equals("held by node-a u1"));
  }

  /** The key is deleted by mistake: it is written again, and nothing moves. */
  @Test
  void keyDeleted_isWrittenAgain() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica leader = leader();
    leader.pass();
    List<String> before = cluster.names(SHARDS);
    cluster.delete(SHARDS, ShardKey.OBJECT_NAME);
    FakeCluster.await("it is gone", () -> leader.holding(ADDRESS).contains("has no key yet"));
    leader.pass();

    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-a u1");
    assertThat(cluster.names(SHARDS)).isEqualTo(before);
    assertThat(leader.writes("written")).isEqualTo(2);
  }

  @Test
  void pass_claimThatWaits_isTold() {
    Replica leader = leaderOfAContest();
    leader.pass();
    leader.pass();
    assertThat(leader.told).containsExactly("node-b waits for " + ADDRESS.key());
  }

  @Test
  void pass_addressOfAService_isNotRecorded_untilTheServiceIsGone() {
    cluster.service("web", "192.0.2.10");
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica leader = leader();
    leader.pass();
    assertThat(leader.holding(ADDRESS)).isEqualTo("unclaimed");
    cluster.delete(FakeCluster.SERVICES, "web");
    FakeCluster.await(
        "it is recorded",
        () -> {
          leader.pass();
          return leader.holding(ADDRESS).equals("held by node-a u1");
        });
  }

  private static final String HELD_BY_A =
      "countersign.dev/ownership/v1\\nip\\t%s\\theld FIRST_CLAIM node-a u1 2026-11-22T09:00:00Z\\n"
          .formatted(ADDRESS.key());

  private static String shard(String text) {
    return shard(SHARD, text);
  }

  private static String shard(String name, String text) {
    return "{\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"@V\"},\"data\":{\"entries\":\"%s\"}}"
        .formatted(name, text);
  }

  /** Puts it on record that this Node holds the address. */
  private void record(String node, String uid) {
    cluster.put(
        SHARDS,
        SHARD,
        shard(
            "countersign.dev/ownership/v1\\nip\\t%s\\theld FIRST_CLAIM %s %s 2026-11-22T09:00:00Z\\n"
                .formatted(ADDRESS.key(), node, uid)));
  }
}
