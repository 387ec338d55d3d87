package dev.countersign.approver.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.cluster.ClusterFacts;
import dev.countersign.approver.cluster.Colliding;
import dev.countersign.approver.log.LogFormat;
import dev.countersign.approver.log.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.server.FakeCluster;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.watch.CollectionWatch;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Holding;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.name.Claimable;
import dev.countersign.policy.name.IpAddress;
import dev.countersign.policy.name.NodeName;
import dev.countersign.policy.ownership.Shard;
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
class AddressLedgerTest {
  private static final CollectionWatch.Timing TIMING =
      new CollectionWatch.Timing(
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofMillis(5),
          Duration.ofMillis(20));
  private static final String SHARDS = "/api/v1/namespaces/ns/configmaps";
  private static final IpAddress ADDRESS = IpAddress.parse("192.0.2.10").orElseThrow();
  private static final String SHARD =
      Shard.OBJECT_PREFIX + String.format("%02d", Shard.numberOf(ADDRESS));

  /** A replica: caches and a record of its own. */
  private final class Replica implements AutoCloseable {
    private final ApiClient client = cluster.server().client();
    private final StringWriter out = new StringWriter();
    private final StructuredLog log = new StructuredLog(out, LogFormat.TEXT, clock);
    private final ApproverMetrics metrics = new ApproverMetrics();
    private final ConcurrentLinkedQueue<String> decided = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final ClusterFacts facts;
    private final AddressLedger ledger;
    private int nodeEvents;

    Replica() {
      facts =
          new ClusterFacts(
              client,
              TIMING,
              WatchObserver.NONE,
              new Random(1),
              new ClusterFacts.Listener() {
                @Override
                public void nodeChanged(
                    NodeName name, Optional<NodeFact> before, Optional<NodeFact> after) {
                  ledger().nodeChanged(name, before, after);
                  synchronized (Replica.this) {
                    nodeEvents++;
                  }
                }

                @Override
                public void surroundingsChanged() {
                  ledger().surroundingsChanged();
                }
              });
      ledger =
          new AddressLedger(
              client,
              "ns",
              clock,
              facts,
              PolicyConfig::defaults,
              log,
              TIMING,
              WatchObserver.NONE,
              metrics,
              new Random(1),
              node -> decided.add(node.text()));
      facts.watches().forEach(watch -> threads.add(Thread.ofVirtual().start(watch)));
      threads.add(Thread.ofVirtual().start(ledger.watch()));
      FakeCluster.await("lists", () -> facts.complete() && ledger.watch().synced());
    }

    private AddressLedger ledger() {
      return ledger;
    }

    private synchronized int nodeEvents() {
      return nodeEvents;
    }

    /** Waits until so many changes of Nodes have come. */
    void seen(int events) {
      FakeCluster.await("changes of Nodes", () -> nodeEvents() == events);
    }

    /** One pass over what there is to look at; how long the pause after it would be. */
    Duration pass() {
      Troubles troubles = new Troubles();
      ledger.bringInStep(ledger.batch(), troubles);
      return troubles.endPass(log);
    }

    String holding(Claimable claim) {
      return ledger.holdings(Set.of(claim)) instanceof Fact.Known<Map<Claimable, Holding>> known
          ? switch (known.value().get(claim)) {
            case Holding.HeldBy held -> "held by " + held.owner() + " " + held.uid();
            case Holding.Unclaimed ignored -> "unclaimed";
            case Holding.Reserved reserved -> "reserved for " + reserved.claimant();
            case Holding.Contested contested -> "contested by " + contested.claimants();
            case null -> "not asked";
          }
          : ledger.holdings(Set.of(claim)).toString();
    }

    /** How many writes had that outcome. */
    int writes(String outcome) throws IOException {
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      metrics.write(text);
      String prefix = "countersign_ledger_writes_total{outcome=\"" + outcome + "\"} ";
      return text.toString(StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(prefix))
          .mapToInt(line -> (int) Double.parseDouble(line.substring(prefix.length())))
          .sum();
    }

    @Override
    public void close() {
      facts.watches().forEach(CollectionWatch::close);
      ledger.close();
      client.close();
      log.close();
    }
  }

  @TempDir private Path folder;
  private final FixedClock clock = FixedClock.at("2026-11-22T10:00:00Z");
  private final List<Replica> replicas = new ArrayList<>();
  private FakeCluster cluster;

  @BeforeEach
  void begin() {
    cluster = new FakeCluster(folder);
  }

  @AfterEach
  void end() {
    replicas.forEach(Replica::close);
    cluster.close();
  }

  private Replica replica() {
    Replica replica = new Replica();
    replicas.add(replica);
    return replica;
  }

  private Replica leader() {
    Replica replica = replica();
    replica.ledger.setWriting(true);
    return replica;
  }

  @Test
  void pass_firstClaim_isRecordedInAShardOfItsOwn_andTold() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica leader = leader();
    assertThat(leader.holding(ADDRESS)).isEqualTo("unclaimed");

    assertThat(leader.pass()).isZero();

    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-a u1");
    assertThat(leader.decided).containsOnly("node-a").hasSize(2);
    // One for the address and one for the name; that is, no shard without content.
    assertThat(cluster.names(SHARDS)).hasSize(2).contains(SHARD);
    assertThat(cluster.get(SHARDS, SHARD).orElseThrow())
        .contains("\"countersign.dev/ledger\":\"addresses\"")
        .contains(
            "\"entries\":\"countersign.dev/ownership/v1\\n"
                + "ip\\t"
                + ADDRESS.key()
                + "\\theld FIRST_CLAIM node-a u1 2026-11-22T10:00:00Z\\n\"");
    assertThat(leader.writes("written")).isEqualTo(2);
    assertThat(leader.ledger.figures()).isEqualTo(new AddressLedger.Figures(2, 0));
  }

  @Test
  void pass_nothingChanged_writesNothing() {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica leader = leader();
    leader.pass();
    assertThat(leader.ledger.inStep()).isFalse();
    leader.pass();
    leader.pass();
    assertThat(leader.ledger.inStep()).isTrue();
    assertThat(cluster.seen("POST")).hasSize(2);
    assertThat(cluster.seen("PUT")).isEmpty();
  }

  @Test
  void pass_standby_writesNothing() {
    cluster.node("node-a", "u1", "192.0.2.10");
    Replica standby = replica();
    standby.pass();
    assertThat(cluster.names(SHARDS)).isEmpty();
    assertThat(standby.ledger.inStep()).isFalse();
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
    assertThat(leader.ledger.figures().contested()).isEqualTo(1);
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

    assertThat(leader.pass()).isZero();

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
    assertThat(leader.pass()).isEqualTo(Duration.ofSeconds(1));
    assertThat(leader.writes("conflict")).isEqualTo(5);
    assertThat(leader.ledger.figures().contested()).isZero();

    assertThat(leader.pass()).isZero();
    assertThat(leader.ledger.figures().contested()).isEqualTo(1);
    leader.log.close();
    assertThat(leader.out.toString())
        .isEqualTo(
            "2026-11-22T10:00:00Z WARN  address-record-not-written claims=1"
                + " why=\"changed by someone else each time\""
                + " next=\"run one leader for this namespace; tried again in 1 s\"\n");
  }

  @Test
  void pass_namespaceIsMissing_saysSo_andTriesAgain() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    cluster.refuseNext("POST " + SHARDS, 404, "NotFound");
    cluster.refuseNext("POST " + SHARDS, 404, "NotFound");
    Replica leader = leader();
    assertThat(leader.pass()).isEqualTo(Duration.ofSeconds(1));
    assertThat(leader.writes("failed")).isEqualTo(2);
    assertThat(leader.holding(ADDRESS)).isEqualTo("unclaimed");

    assertThat(leader.pass()).isZero();
    assertThat(leader.holding(ADDRESS)).isEqualTo("held by node-a u1");
    leader.log.close();
    assertThat(leader.out.toString())
        .contains(
            "claims=2 why=\"refused: 404 NOT_FOUND: no\" next=\"create the namespace (kubectl"
                + " create namespace ns), or name another with --namespace; tried again in 1 s\"");
  }

  @Test
  void pass_mayNotWrite_saysWhatToGrant() {
    cluster.node("node-a", "u1");
    cluster.refuseNext("POST " + SHARDS, 403, "Forbidden");
    Replica leader = leader();
    assertThat(leader.pass()).isEqualTo(Duration.ofSeconds(1));
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
    assertThat(second.ledger.figures()).isEqualTo(new AddressLedger.Figures(0, 0));
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
    assertThat(cluster.names(SHARDS)).contains(SHARD);
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
    assertThat(leader.ledger.figures()).isEqualTo(new AddressLedger.Figures(1, 0));
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
    assertThat(leader.ledger.figures()).isEqualTo(new AddressLedger.Figures(3, 0));
    assertThat(leader.facts.claims()).hasSize(2 + NodeFact.MOST_ADDRESSES);
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

  private static String shard(String text) {
    return "{\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"@V\"},\"data\":{\"entries\":\"%s\"}}"
        .formatted(SHARD, text);
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
