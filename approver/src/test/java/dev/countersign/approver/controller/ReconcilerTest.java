package dev.countersign.approver.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.metrics.CertificateExpiries;
import dev.countersign.approver.queue.FairWorkQueue;
import dev.countersign.approver.server.FakeCluster;
import dev.countersign.approver.server.Surroundings;
import dev.countersign.approver.serving.ServingHandler;
import dev.countersign.approver.status.ApprovalUpdater;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Policy;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Mode;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Requestors;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.request.SignerName;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.FixedClock;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Decisions one at a time, with pauses that the test ends. */
class ReconcilerTest {
  private static final int MOST_OF_ONE_NODE = 20;
  private static final int MOST_IN_ALL = 30;
  private static final String BULK = "v".repeat(20_000);
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final String APPROVAL = "PUT " + REQUESTS + "/csr-1/approval";
  private static final String VERDICT_FOUND =
      "2026-11-22T10:00:00Z INFO  verdict-found csr=csr-1 requestor=system:node:node-a"
          + " condition=Approved reason=CountersignApproved"
          + " by=\"an attempt of ours without an answer, or another replica\"";
  private static final CsrForge HONEST = CsrForge.serving("node-a");

  private record Pause(Duration length, Runnable then) {}

  @TempDir private Path directory;
  private final FixedClock clock = FixedClock.at("2026-11-22T10:00:00Z");
  private final AtomicLong nanos = new AtomicLong();
  private final StringWriter out = new StringWriter();
  private final StructuredLog log = new StructuredLog(out, LogFormat.TEXT, clock);
  private final ApproverMetrics metrics = new ApproverMetrics();
  private final PendingRequests pending =
      new PendingRequests(SignerName.KUBELET_SERVING, MOST_OF_ONE_NODE, MOST_IN_ALL);
  private final FairWorkQueue queue = new FairWorkQueue(4);
  private final List<Pause> pauses = new ArrayList<>();
  private final List<String> announced = new ArrayList<>();
  private Surroundings around;
  private FakeCluster cluster;
  private Policy policy = Policy.of(config(Mode.ENFORCE, false));
  private Reconciler reconciler;

  @BeforeEach
  void begin() {
    around = new Surroundings(directory, pending, metrics, log, clock);
    cluster = around.cluster();
    reconciler =
        new Reconciler(
            around.client(),
            new ServingHandler(
                () -> policy, around.source(), new ApprovalUpdater(around.client(), clock)),
            pending,
            queue,
            new DecisionReports(
                DecisionReports.Kind.SERVING,
                log,
                metrics,
                new CertificateExpiries(0),
                (csr, violations) ->
                    announced.add(csr.name() + " " + violations.getFirst().reason().camelCase())),
            nanos::get,
            (length, name, then) -> pauses.add(new Pause(length, then)));
  }

  @AfterEach
  void end() {
    around.close();
    log.close();
  }

  /**
   * Nothing is on record in these tests: whose an address is, AddressOwnershipStoreTest looks at.
   */
  private static PolicyConfig config(Mode mode, boolean askForAccess) {
    return PolicyConfig.defaults()
        .withMode(mode)
        .withOwnership(Surroundings.NO_RECORDS)
        .withAccess(Optional.of(AccessAttributes.defaults()).filter(_ -> askForAccess));
  }

  /** Reads what the cluster has. */
  private void follow(String... nodes) {
    for (String node : nodes) {
      cluster.node(node, "uid of " + node, "192.0.2.10");
    }
    around.follow();
  }

  /** Creates a request of node-a and shows it to the reconciler. */
  private void create(String name, CsrForge forge) throws IOException {
    cluster.put(REQUESTS, name, Surroundings.request(name, forge, ""));
    see(name);
  }

  /** Creates an honest one, but for a label that is larger than all that is kept. */
  private void createLarge(String name) throws IOException {
    String request = Surroundings.request(name, HONEST, "");
    cluster.put(REQUESTS, name, request.replace("\"yes\"", "\"" + BULK + "\""));
    see(name);
  }

  /** Shows the reconciler what the server has. */
  private void see(String name) throws IOException {
    String stored = cluster.get(REQUESTS, name).orElseThrow();
    reconciler.seen(Surroundings.read(stored));
  }

  private String stored(String name) {
    String all = cluster.get(REQUESTS, name).orElseThrow();
    return all.substring(all.indexOf("\"status\":"));
  }

  private static String approved(String node) {
    return "\"status\":{\"conditions\":[{\"type\":\"Approved\","
        + "\"reason\":\"CountersignApproved\",\"message\":\"every name and address requested"
        + " belongs to Node "
        + node
        + "\",\"lastUpdateTime\":\"2026-11-22T10:00:00Z\",\"status\":\"True\"}]}}";
  }

  /** Takes everything from the queue; what it was. */
  private List<String> queued() throws InterruptedException {
    List<String> names = new ArrayList<>();
    while (queue.size() > 0) {
      FairWorkQueue.Task task = queue.take().orElseThrow();
      names.add(task.name());
      queue.done(task);
    }
    return names;
  }

  private double metric(String series) throws IOException {
    return Surroundings.value(metrics, series);
  }

  private static String decisions(String verdict, String reason) {
    return "countersign_decisions_total{reason=\"%s\",verdict=\"%s\"}".formatted(reason, verdict);
  }

  private static String problems(String problem) {
    return "countersign_write_errors_total{problem=\"%s\"}".formatted(problem);
  }

  private List<String> lines() {
    log.close();
    return out.toString().lines().toList();
  }

  @Test
  void decide_honest_isApproved_counted_andSaid() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    assertThat(queued()).containsExactly("csr-1");
    nanos.addAndGet(7_000_000);
    reconciler.reconcile("csr-1");

    assertThat(stored("csr-1")).isEqualTo(approved("node-a"));
    assertThat(pending.size()).isZero();
    assertThat(pauses).isEmpty();
    assertThat(announced).isEmpty();
    assertThat(metric(decisions("approved", ""))).isEqualTo(1);
    assertThat(metric("countersign_decision_duration_seconds_sum")).isEqualTo(0.007);
    assertThat(metric("countersign_approval_latency_seconds_sum")).isEqualTo(1.0);
    assertThat(lines())
        .containsExactly("2026-11-22T10:00:00Z INFO  approved csr=csr-1 node=node-a took_ms=7");
  }

  @Test
  void decide_approvedAlready_doesNothing() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    queued();
    reconciler.reconcile("csr-1");
    reconciler.reconcile("csr-1");
    see("csr-1");
    assertThat(queued()).isEmpty();
    reconciler.reconcile("csr-1");

    assertThat(cluster.seen(APPROVAL)).hasSize(1);
    assertThat(metric(decisions("approved", ""))).isEqualTo(1);
  }

  /** A backup of etcd from before the verdict, restored: the same request waits once more. */
  @Test
  void listStarted_verdictLostWithTheStorage_isNotTakenForSettled() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    queued();
    assertThat(reconciler.isSettled("u")).isFalse();
    reconciler.reconcile("csr-1");
    assertThat(reconciler.isSettled("u")).isTrue();

    reconciler.listStarted();
    assertThat(reconciler.isSettled("u")).isFalse();
    create("csr-1", HONEST);
    assertThat(queued()).containsExactly("csr-1");
  }

  @Test
  void decide_changedMeanwhile_isReadAgain_andDecidedOnWhatItIsNow() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    queued();
    cluster.beforeNext(
        APPROVAL, () -> cluster.put(REQUESTS, "csr-1", Surroundings.request("csr-1", HONEST, "")));
    reconciler.reconcile("csr-1");
    assertThat(metric(problems("conflict"))).isEqualTo(1);
    assertThat(reconciler.isSettled("u")).isFalse();
    assertThat(stored("csr-1")).isEqualTo("\"status\":{\"conditions\":[]}}");
    assertThat(pauses).isEmpty();

    assertThat(queued()).containsExactly("csr-1");
    reconciler.reconcile("csr-1");
    assertThat(stored("csr-1")).isEqualTo(approved("node-a"));
  }

  /** A person denies it while we are about to approve: theirs stands. */
  @Test
  void decide_deniedBySomeoneElseMeanwhile_isLeftAlone() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    queued();
    String denied = "{\"type\":\"Denied\",\"status\":\"True\",\"reason\":\"person\"}";
    cluster.beforeNext(
        APPROVAL,
        () -> cluster.put(REQUESTS, "csr-1", Surroundings.request("csr-1", HONEST, denied)));
    reconciler.reconcile("csr-1");
    assertThat(pending.size()).isZero();
    assertThat(queued()).isEmpty();
    reconciler.reconcile("csr-1");
    assertThat(cluster.seen(APPROVAL)).hasSize(1);
    assertThat(stored("csr-1")).isEqualTo("\"status\":{\"conditions\":[" + denied + "]}}");
    assertThat(metric(decisions("approved", ""))).isZero();
    assertThat(lines())
        .containsExactly(
            "2026-11-22T10:00:00Z INFO  verdict-found csr=csr-1 requestor=system:node:node-a"
                + " condition=Denied reason=person by=\"not known\"");
  }

  /** The write takes effect and its answer is lost: a line says all the same what came of it. */
  @Test
  void decide_answerLost_theVerdictThatTheWatchShowsIsLogged() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    queued();
    cluster.breakOffNext(APPROVAL);
    reconciler.reconcile("csr-1");

    see("csr-1");
    pauses.removeFirst().then().run();
    reconciler.reconcile("csr-1");
    assertThat(cluster.seen(APPROVAL)).hasSize(1);
    assertThat(lines()).hasSize(2).last().isEqualTo(VERDICT_FOUND);
    assertThat(lines().getFirst()).contains("write-unanswered csr=csr-1 ");
  }

  /** The client sends it again by itself, since the server may just have closed that connection. */
  @Test
  void decide_answerLostOverKeptConnection_theVerdictFoundIsLogged() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    queued();
    around.client().get(REQUESTS + "/csr-1", CsrObject.decoder());
    cluster.breakOffNext(APPROVAL);
    reconciler.reconcile("csr-1");
    assertThat(cluster.seen(APPROVAL)).hasSize(2);
    assertThat(metric(problems("conflict"))).isEqualTo(1);
    assertThat(pending.size()).isZero();
    assertThat(pauses).isEmpty();
    assertThat(lines()).containsExactly(VERDICT_FOUND);
  }

  @Test
  void decide_answerLost_triedAgain_theVerdictFoundIsLogged() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    queued();
    cluster.breakOffNext(APPROVAL);
    reconciler.reconcile("csr-1");

    pauses.removeFirst().then().run();
    reconciler.reconcile("csr-1");
    assertThat(metric(problems("conflict"))).isEqualTo(1);
    assertThat(pending.size()).isZero();
    assertThat(lines()).hasSize(2).last().isEqualTo(VERDICT_FOUND);
  }

  @Test
  void decide_deletedMeanwhile_isForgotten() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    queued();
    cluster.delete(REQUESTS, "csr-1");
    reconciler.reconcile("csr-1");
    assertThat(pending.size()).isZero();
    assertThat(pauses).isEmpty();
    assertThat(metric(problems("not_found"))).isEqualTo(1);
    assertThat(lines()).isEmpty();
  }

  @Test
  void decide_conflictAndThenGone_isForgotten() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    cluster.refuseNext(APPROVAL, 409, "Conflict");
    cluster.refuseNext("GET " + REQUESTS + "/csr-1", 404, "NotFound");
    reconciler.reconcile("csr-1");
    assertThat(pending.size()).isZero();
    assertThat(pauses).isEmpty();
  }

  /** Someone, or something, goes on changing it: nobody is to be asked a hundred times a second. */
  @Test
  void decide_conflictAgainAndAgain_isTriedAgainAtOnceOnlyOnce() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    queued();
    cluster.refuseNext(APPROVAL, 409, "Conflict");
    reconciler.reconcile("csr-1");
    assertThat(queued()).as("at once").containsExactly("csr-1");
    assertThat(pauses).isEmpty();
    for (int i = 0; i < 3; i++) {
      cluster.refuseNext(APPROVAL, 409, "Conflict");
      reconciler.reconcile("csr-1");
      assertThat(queued()).as("after a pause").isEmpty();
      assertThat(pauses).hasSize(1);
      pauses.removeFirst().then().run();
      assertThat(queued()).containsExactly("csr-1");
    }
    assertThat(lines()).hasSize(3).allMatch(line -> line.contains(" write-refused csr=csr-1 "));
    reconciler.reconcile("csr-1");
    assertThat(stored("csr-1")).isEqualTo(approved("node-a"));
  }

  /** Labels have no limit but that of etcd; what is kept of such a request is its outline. */
  @Test
  void decide_largeRequest_isReadAgain_andKeepsItsLabels() throws Exception {
    follow("node-a");
    createLarge("csr-1");
    assertThat(pending.get("csr-1").orElseThrow().extent()).isEqualTo(CsrObject.Extent.OUTLINE);
    reconciler.reconcile("csr-1");
    assertThat(stored("csr-1")).isEqualTo(approved("node-a"));
    assertThat(cluster.seen(APPROVAL).getFirst()).contains("\"kept\":\"" + BULK + "\"");
  }

  @Test
  void decide_largeRequest_thatIsHeld_isKeptInOutline() throws Exception {
    follow();
    createLarge("csr-1");
    reconciler.reconcile("csr-1");
    assertThat(reconciler.deferredByReason()).isEqualTo(Map.of(Reason.NODE_MISSING, 1));
    assertThat(pending.get("csr-1").orElseThrow().extent()).isEqualTo(CsrObject.Extent.OUTLINE);
  }

  @Test
  void decide_largeRequests_twoAtATime_othersComeBack() throws Exception {
    follow("node-a");
    for (int i = 1; i <= 3; i++) {
      createLarge("csr-" + i);
    }
    queued();
    List<Thread> second = new ArrayList<>();
    cluster.beforeNext(
        "GET " + REQUESTS + "/csr-1",
        () -> {
          second.add(Thread.ofPlatform().start(() -> reconciler.reconcile("csr-2")));
          FakeCluster.await(
              "the second is read", () -> !cluster.seen("GET " + REQUESTS + "/csr-2").isEmpty());
          reconciler.reconcile("csr-3");
        });
    reconciler.reconcile("csr-1");
    second.getFirst().join();
    assertThat(stored("csr-1")).isEqualTo(approved("node-a"));
    assertThat(stored("csr-2")).isEqualTo(approved("node-a"));
    assertThat(cluster.seen("GET " + REQUESTS + "/csr-3")).as("two are read already").isEmpty();
    assertThat(pauses).hasSize(1);
    pauses.removeFirst().then().run();
    assertThat(queued()).containsExactly("csr-3");
    reconciler.reconcile("csr-3");
    assertThat(stored("csr-3")).isEqualTo(approved("node-a"));
  }

  @Test
  void seen_moreOfOneNodeThanAreKept_saysSoOnce_andForgetsTheOldest() throws Exception {
    follow();
    for (int i = 10; i < 10 + MOST_OF_ONE_NODE + 2; i++) {
      create("csr-" + i, HONEST);
      reconciler.reconcile("csr-" + i);
    }
    assertThat(pending.size()).isEqualTo(MOST_OF_ONE_NODE);
    assertThat(reconciler.deferredByReason())
        .isEqualTo(Map.of(Reason.NODE_MISSING, MOST_OF_ONE_NODE));
    assertThat(pending.get("csr-11")).isEmpty();
    assertThat(metric("countersign_displaced_requests_total{bound=\"requestor\"}")).isEqualTo(2);
    assertThat(metric("countersign_displaced_requests_total{bound=\"all\"}")).isZero();
    assertThat(lines())
        .containsExactly(
            "2026-11-22T10:00:00Z WARN  too-many-requests requestor=system:node:node-a why=\"more"
                + " wait than are looked at; the newest ones go first\" next=\"see what runs as"
                + " this Node; delete what it should not have asked for\"");
  }

  @Test
  void seen_nameTooLong_isLeftAlone_andSaysWhy() throws Exception {
    follow("node-a");
    String name = "n".repeat(300);
    create(name, HONEST);
    assertThat(queued()).isEmpty();
    assertThat(lines()).hasSize(1);
    assertThat(lines().getFirst())
        .contains(" left-alone csr=nnn", "got a name of 300 characters; want 253 at most");
  }

  @Test
  void decide_throttledOrBroken_isTriedAgainAfterPausesThatGrow() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    queued();
    long base = 250;
    for (int i = 0; i < 9; i++) {
      cluster.refuseNext(
          APPROVAL, i % 2 == 0 ? 429 : 500, i % 2 == 0 ? "TooManyRequests" : "InternalError");
      reconciler.reconcile("csr-1");
      assertThat(pauses).hasSize(1);
      Pause pause = pauses.removeFirst();
      assertThat(pause.length()).isBetween(Duration.ofMillis(base / 2), Duration.ofMillis(base));
      assertThat(queued()).isEmpty();
      pause.then().run();
      assertThat(queued()).containsExactly("csr-1");
      base = Math.min(2 * base, 30_000);
    }
    assertThat(base).isEqualTo(30_000);
    reconciler.reconcile("csr-1");
    assertThat(stored("csr-1")).isEqualTo(approved("node-a"));
    assertThat(metric(problems("too_many_requests"))).isEqualTo(5);
    assertThat(metric(problems("internal_error"))).isEqualTo(4);
    assertThat(lines().getFirst())
        .isEqualTo(
            "2026-11-22T10:00:00Z WARN  write-refused csr=csr-1"
                + " why=\"429 TOO_MANY_REQUESTS: no\"");
  }

  @Test
  void decide_notAllowed_saysWhatToGrant_andWaitsLong() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    cluster.refuseNext(APPROVAL, 403, "Forbidden");
    reconciler.reconcile("csr-1");
    assertThat(pauses).hasSize(1);
    assertThat(pauses.getFirst().length())
        .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(30));
    assertThat(lines())
        .containsExactly(
            "2026-11-22T10:00:00Z ERROR not-allowed csr=csr-1 why=no next=\"grant approve on"
                + " signers kubernetes.io/kubelet-serving and update on"
                + " certificatesigningrequests/approval\"");
  }

  @Test
  void decide_forged_isDenied_counted_andAnnounced_withoutTheRequestsBytes() throws Exception {
    follow("node-a");
    CsrForge forged = HONEST.withEmail("root@example.com");
    create("csr-1", forged);
    reconciler.reconcile("csr-1");
    assertThat(stored("csr-1")).contains("\"type\":\"Denied\",\"reason\":\"SanTypeNotAllowed\"");
    assertThat(announced).containsExactly("csr-1 SanTypeNotAllowed");
    assertThat(metric(decisions("denied", "SanTypeNotAllowed"))).isEqualTo(1);
    assertThat(cluster.seen(APPROVAL).getFirst())
        .doesNotContain("\"request\"")
        .contains("\"labels\":{\"kept\":\"yes\"}");
    List<String> lines = lines();
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst())
        .startsWith(
            "2026-11-22T10:00:00Z WARN  denied csr=csr-1 requestor=system:node:node-a"
                + " reason=SanTypeNotAllowed why=")
        .doesNotContain("CERTIFICATE REQUEST", forged.pem().lines().toList().get(1));
  }

  @Test
  void decide_nodeIsMissing_isHeld_andSaidOnceAfterTwoSeconds() throws Exception {
    follow();
    create("csr-1", HONEST);
    reconciler.reconcile("csr-1");
    assertThat(reconciler.deferredByReason()).isEqualTo(Map.of(Reason.NODE_MISSING, 1));
    assertThat(cluster.seen("PUT")).isEmpty();
    // It waits for the Node, which tells when it comes.
    assertThat(pauses).isEmpty();

    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    reconciler.announceHeld();
    assertThat(announced).isEmpty();
    nanos.addAndGet(1);
    reconciler.announceHeld();
    reconciler.reconcile("csr-1");
    reconciler.announceHeld();
    assertThat(announced).containsExactly("csr-1 NodeMissing");
    assertThat(metric(decisions("deferred", "NodeMissing"))).isEqualTo(1);

    cluster.node("node-a", "u1", "192.0.2.10");
    FakeCluster.await("the Node is seen", () -> around.facts().nodeCount() == 1);
    queued();
    reconciler.lookAgainAt(NodeName.parse("node-a").orElseThrow());
    assertThat(queued()).containsExactly("csr-1");
    reconciler.reconcile("csr-1");
    assertThat(stored("csr-1")).isEqualTo(approved("node-a"));
    assertThat(reconciler.deferredByReason()).isEmpty();
  }

  /** What would be approved is not held any more, although it stays pending. */
  @Test
  void decide_dryRun_heldAndThenGood_isNotSaidToBeHeld() throws Exception {
    policy = Policy.of(config(Mode.AUDIT, false));
    follow();
    create("csr-1", HONEST);
    reconciler.reconcile("csr-1");
    assertThat(reconciler.deferredByReason()).isEqualTo(Map.of(Reason.NODE_MISSING, 1));
    cluster.node("node-a", "u1", "192.0.2.10");
    FakeCluster.await("the Node is seen", () -> around.facts().nodeCount() == 1);
    reconciler.reconcile("csr-1");
    reconciler.reconcile("csr-1");

    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    reconciler.announceHeld();
    assertThat(reconciler.deferredByReason()).isEmpty();
    assertThat(announced).isEmpty();
    assertThat(cluster.seen("PUT")).isEmpty();
    assertThat(metric(decisions("would-approve", ""))).isEqualTo(1);
    assertThat(pending.size()).isEqualTo(1);
  }

  /** Looked at again and again for other reasons, it is still tried again by itself only once. */
  @Test
  void decide_factUnknown_isTriedAgainOnce_andKeepsNobodyElseWaiting() throws Exception {
    follow("node-a");
    policy = Policy.of(config(Mode.ENFORCE, true));
    create("csr-1", HONEST);
    queued();
    for (int i = 0; i < 20; i++) {
      reconciler.reconcile("csr-1");
    }
    assertThat(reconciler.deferredByReason()).isEqualTo(Map.of(Reason.FACT_UNKNOWN, 1));
    assertThat(pauses).hasSize(1);
    assertThat(pauses.getFirst().length()).isLessThanOrEqualTo(Duration.ofMillis(250));

    policy = Policy.of(config(Mode.ENFORCE, false));
    create("csr-2", HONEST);
    reconciler.reconcile("csr-2");
    assertThat(stored("csr-2")).isEqualTo(approved("node-a"));
    assertThat(stored("csr-1")).isEqualTo("\"status\":{\"conditions\":[]}}");

    policy = Policy.of(config(Mode.ENFORCE, true));
    pauses.removeFirst().then().run();
    assertThat(queued()).contains("csr-1");
    reconciler.reconcile("csr-1");
    assertThat(pauses).hasSize(1);
    assertThat(pauses.getFirst().length())
        .isBetween(Duration.ofMillis(250), Duration.ofMillis(500));
  }

  /**
   * Nothing is decided on a list that is not complete: no Node is known, and yet none is missing.
   */
  @Test
  void decide_beforeTheListsAreComplete_isHeldForUnknownFacts() throws Exception {
    create("csr-1", HONEST);
    reconciler.reconcile("csr-1");
    assertThat(reconciler.deferredByReason()).isEqualTo(Map.of(Reason.FACT_UNKNOWN, 1));
    assertThat(cluster.seen("PUT")).isEmpty();
  }

  @Test
  void listEnded_requestThatIsGone_isForgotten() throws Exception {
    follow();
    create("csr-1", HONEST);
    reconciler.reconcile("csr-1");
    pending.listStarted();
    reconciler.listEnded();
    assertThat(reconciler.deferredByReason()).isEmpty();
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    reconciler.announceHeld();
    assertThat(announced).isEmpty();
  }

  /** Creates a request of a user that is no node. */
  private void createOfOther(String name, String user) throws IOException {
    cluster.put(
        REQUESTS, name, Surroundings.request(name, HONEST, "").replace("system:node:node-a", user));
    see(name);
  }

  @Test
  void seen_requestOfNoNode_isLeftAlone_andCountedOnce() throws Exception {
    follow("node-a");
    createOfOther("csr-1", "system:serviceaccount:db-system:db-operator");
    see("csr-1");

    assertThat(queued()).isEmpty();
    assertThat(pending.size()).isZero();
    reconciler.reconcile("csr-1");
    assertThat(cluster.seen("PUT")).isEmpty();
    assertThat(announced).isEmpty();
    assertThat(metric("countersign_ignored_requests_total")).isEqualTo(1);
    assertThat(lines()).as("a line at level debug only").isEmpty();
  }

  @Test
  void seen_requestOfNoNode_waits_whereThePolicyWantsIt() throws Exception {
    follow("node-a");
    policy =
        Policy.of(
            config(Mode.ENFORCE, false).withRequestors(new Requestors(Requestors.Others.DEFER)));
    createOfOther("csr-1", "admin");
    assertThat(queued()).containsExactly("csr-1");
    reconciler.reconcile("csr-1");
    assertThat(reconciler.deferredByReason()).isEqualTo(Map.of(Reason.REQUESTOR_NOT_NODE, 1));

    policy = Policy.of(config(Mode.ENFORCE, false));
    reconciler.reconcile("csr-1");
    assertThat(pending.size()).isZero();
    assertThat(cluster.seen("PUT")).isEmpty();
    assertThat(metric("countersign_ignored_requests_total")).isEqualTo(1);
  }

  @Test
  void seen_requestOfNoNode_isDenied_whereThePolicyWantsIt() throws Exception {
    follow("node-a");
    policy =
        Policy.of(
            config(Mode.ENFORCE, false).withRequestors(new Requestors(Requestors.Others.DENY)));
    createOfOther("csr-1", "admin");
    reconciler.reconcile("csr-1");
    assertThat(announced).containsExactly("csr-1 UsernameNotCommonName");
    assertThat(stored("csr-1")).contains("Denied");
  }

  @Test
  void seen_requestThatIsBeingDeleted_isNotDecided() throws Exception {
    follow("node-a");
    create("csr-1", HONEST);
    assertThat(queued()).containsExactly("csr-1");
    cluster.put(
        REQUESTS,
        "csr-1",
        Surroundings.request("csr-1", HONEST, "")
            .replace("\"labels\"", "\"deletionTimestamp\":\"2026-11-22T10:00:00Z\",\"labels\""));
    see("csr-1");

    assertThat(queued()).isEmpty();
    reconciler.reconcile("csr-1");
    assertThat(cluster.seen("PUT")).isEmpty();
    assertThat(pending.size()).isZero();
  }
}
