package dev.countersign.scenarios.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.common.secret.SecretText;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.FaultProxy;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.api.Identity;
import dev.countersign.testbed.api.Tls;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each fault in the middle of a storm: in the end every honest request is approved, and no hostile
 * one ever.
 */
@OnControlPlane
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsIT {
  private static final int MANY = 550;
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final String LEASE =
      "/apis/coordination.k8s.io/v1/namespaces/"
          + Replica.NAMESPACE
          + "/leases/countersign-approver";
  private static final String POLICY =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ApprovalPolicy
      spec:
        mode: Enforce
      """;

  private final Storm storm;
  private final ControlPlane plane;
  private final Cluster cluster;

  FaultsIT(Cluster cluster) throws Exception {
    this.cluster = cluster;
    plane = cluster.plane();
    storm = new Storm(plane);
  }

  @BeforeAll
  void recordAddresses(@TempDir Path directory) throws Exception {
    // What new Nodes claim is put on record once; that is not a fault's cost.
    try (Replica first = replica(directory, "first")) {
      storm.begin("calm", 150, 100).awaitAllApproved(PATIENCE);
      assertThat(first.isAlive()).isTrue();
    }
  }

  @AfterAll
  void removeNodes() {
    storm.close();
  }

  private Replica replica(Path directory, String name, String... more) throws Exception {
    return synced(
        Replica.start(plane.layout().adminKubeconfig(), directory.resolve(name + ".log"), more));
  }

  /** The same replica once its caches are complete; it is ended where that does not come. */
  private static Replica synced(Replica replica) throws InterruptedException {
    boolean complete = false;
    try {
      replica.awaitSynced();
      complete = true;
      return replica;
    } finally {
      if (!complete) {
        replica.close();
      }
    }
  }

  private static void report(String what, Object value) {
    System.out.println("fault: " + what + ": " + value);
  }

  private static void finish(String what, Storm.Run run) throws Exception {
    report(what, "storm of " + run.total() + " took " + seconds(run.awaitAllApproved(PATIENCE)));
  }

  private static String seconds(Duration duration) {
    return "%.1f s".formatted(duration.toMillis() / 1000.0);
  }

  /** From a moment to the first approval of a replica after it. */
  private static Duration takeover(Replica standby, Instant moment) throws Exception {
    standby.await(
        "approval after the takeover",
        () -> standby.firstAfter(moment, Replica.event("approved")).isPresent());
    return Duration.between(
        moment, standby.firstAfter(moment, Replica.event("approved")).orElseThrow());
  }

  @Test
  void leaderKilled_aStandbyTakesOver(@TempDir Path directory) throws Exception {
    try (Replica one =
            replica(directory, "one", "--leader-elect", "--leader-elect-lease-duration=3s");
        Replica two =
            replica(directory, "two", "--leader-elect", "--leader-elect-lease-duration=3s")) {
      one.await("leader", () -> one.leads() || two.leads());
      Storm.Run run = storm.begin("killed", MANY, 80);
      run.awaitSent(MANY / 5);
      Replica leader = one.leads() ? one : two;
      Replica standby = leader == one ? two : one;

      Instant killed = Instant.now();
      leader.kill();

      Duration takeover = takeover(standby, killed);
      report("leader killed, lease 3 s: to the first approval by the standby", seconds(takeover));
      assertThat(takeover).isLessThan(Duration.ofSeconds(30));
      assertThat(run.sent()).isLessThanOrEqualTo(MANY);
      finish("leader killed", run);
      assertThat(standby.leads()).isTrue();
    }
  }

  @Test
  void leaderStopped_aStandbyTakesOver_andItsReturnDoesNoHarm(@TempDir Path directory)
      throws Exception {
    Duration stopped = Duration.ofSeconds(Long.getLong("countersign.faults.stopSeconds", 8));
    try (Replica one =
            replica(directory, "one", "--leader-elect", "--leader-elect-lease-duration=3s");
        Replica two =
            replica(directory, "two", "--leader-elect", "--leader-elect-lease-duration=3s")) {
      one.await("leader", () -> one.leads() || two.leads());
      // It lasts beyond the leader's return.
      Storm.Run run = storm.begin("stopped", MANY, (int) (MANY / (stopped.toSeconds() + 3)));
      run.awaitSent(MANY / 20);
      Replica leader = one.leads() ? one : two;
      Replica standby = leader == one ? two : one;

      Instant stop = Instant.now();
      leader.signal("STOP");
      try {
        Duration takeover = takeover(standby, stop);
        report(
            "leader stopped, lease 3 s: to the first approval by the standby", seconds(takeover));
        assertThat(takeover).isLessThan(Duration.ofSeconds(30));
        Thread.sleep(Math.max(0, stopped.minus(Duration.between(stop, Instant.now())).toMillis()));
      } finally {
        leader.signal("CONT");
      }

      finish("leader stopped for " + stopped, run);
      leader.await(
          "notice of being deposed",
          () -> leader.firstAfter(stop, Replica.event("no-longer-leading")).isPresent());
    }
  }

  /**
   * For the moment in which a deposed leader does not know it yet: here they never know. Each write
   * names the version it is based on, so the API server takes one verdict for each request.
   */
  @Test
  void twoLeadersAtOnce_everyRequestGetsOneVerdict(@TempDir Path directory) throws Exception {
    try (Replica one = replica(directory, "one");
        Replica two = replica(directory, "two")) {
      finish("two leaders all the time", storm.begin("two", MANY, 100));

      long first = one.lines().stream().filter(Replica.event("approved")).count();
      long second = two.lines().stream().filter(Replica.event("approved")).count();
      report("approvals by the one and by the other", first + " and " + second);
      assertThat(first).isPositive();
      assertThat(second).isPositive();
      assertThat(List.of(one.isAlive(), two.isAlive())).containsOnly(true);
    }
  }

  @Test
  void apiServerKilled_andStartedAgain(@TempDir Path directory) throws Exception {
    try (Replica approver = replica(directory, "approver")) {
      Storm.Run run = storm.begin("apiserver", MANY, 80);
      run.awaitSent(MANY / 4);

      plane.kill(Component.API_SERVER);
      assertThat(run.sent()).isLessThan(MANY);
      plane.start(Component.API_SERVER);

      finish("API server killed and started", run);
      assertThat(approver.isAlive()).isTrue();
    }
  }

  @Test
  void etcdKilled_andStartedAgain(@TempDir Path directory) throws Exception {
    try (Replica approver = replica(directory, "approver")) {
      Storm.Run run = storm.begin("etcd", MANY, 80);
      run.awaitSent(MANY / 4);

      plane.kill(Component.ETCD);
      assertThat(run.sent()).isLessThan(MANY);
      Thread.sleep(2000);
      plane.start(Component.ETCD);

      finish("etcd killed and started 2 s later", run);
      assertThat(approver.isAlive()).isTrue();
    }
    plane.awaitReady(Duration.ofMinutes(2));
  }

  @Test
  void historyCompacted_whileCutOff_isListedAgain(@TempDir Path directory) throws Exception {
    try (FaultProxy between = new FaultProxy(plane);
        Replica approver =
            synced(
                Replica.start(between.kubeconfig(directory), directory.resolve("approver.log")))) {
      Storm.Run run = storm.begin("compacted", MANY, 100);
      run.awaitSent(MANY / 5);

      between.mode(FaultProxy.Mode.CUT);
      run.awaitSent(MANY / 2);
      // The API server's own cache of the history must go, too.
      plane.kill(Component.API_SERVER);
      compact();
      plane.start(Component.API_SERVER);
      plane.awaitReady(Duration.ofMinutes(2));
      between.mode(FaultProxy.Mode.FORWARD);

      finish("history compacted", run);
      report("history compacted: answers of 410 Gone", between.gone());
      assertThat(between.gone()).isPositive();
      assertThat(approver.isAlive()).isTrue();
    }
  }

  @Test
  void connectionsCut_thenHalfOpen(@TempDir Path directory) throws Exception {
    try (FaultProxy between = new FaultProxy(plane);
        Replica approver =
            synced(
                Replica.start(between.kubeconfig(directory), directory.resolve("approver.log")))) {
      Storm.Run run = storm.begin("cut", MANY, 50);
      run.awaitSent(MANY / 5);
      between.mode(FaultProxy.Mode.CUT);
      Thread.sleep(1000);
      between.mode(FaultProxy.Mode.FORWARD);
      run.awaitSent(MANY / 2);
      between.mode(FaultProxy.Mode.HALF_OPEN);
      Thread.sleep(2000);
      assertThat(run.sent()).isLessThan(MANY);
      Instant healed = Instant.now();
      between.mode(FaultProxy.Mode.FORWARD);

      finish("cut for 1 s, half-open for 2 s", run);
      report(
          "half-open: from new connections being possible to the end",
          seconds(Duration.between(healed, Instant.now())));
      assertThat(approver.isAlive()).isTrue();
    }
  }

  @Test
  void apiServerRefusesForAWhile(@TempDir Path directory) throws Exception {
    try (FaultProxy between = new FaultProxy(plane);
        Replica approver =
            synced(
                Replica.start(between.kubeconfig(directory), directory.resolve("approver.log")))) {
      Storm.Run run = storm.begin("refused", MANY, 100);
      run.awaitSent(MANY / 5);
      between.refuse(40, 30);
      run.awaitSent(MANY * 4 / 5);
      Thread.sleep(1000);
      between.refuse(0, 0);

      finish("API server refuses 40 % by 429 and 30 % by 500", run);
      report("answers of 429 and 500", between.throttled() + " and " + between.broken());
      assertThat(between.throttled()).isPositive();
      assertThat(between.broken()).isPositive();
      assertThat(approver.isAlive()).isTrue();
    }
  }

  @Test
  void clocksFiveMinutesOff_theLeaseStaysWhereItIs() throws Exception {
    StringWriter log = new StringWriter();
    try (ApproverManager early = skewed("early", Duration.ofMinutes(-5), log);
        ApproverManager late = skewed("late", Duration.ofMinutes(5), log)) {
      assertThat(early.awaitSynced(Duration.ofMinutes(1))).isTrue();
      assertThat(late.awaitSynced(Duration.ofMinutes(1))).isTrue();
      Storm.Run run = storm.begin("skewed", MANY, 80);
      run.awaitSent(MANY / 10);
      JsonNode before = cluster.operator().get(LEASE).orThrow("reading the Lease").path("spec");

      finish("clocks 5 minutes off, both ways", run);

      JsonNode after = cluster.operator().get(LEASE).orThrow("reading the Lease").path("spec");
      assertThat(after.path("holderIdentity")).isEqualTo(before.path("holderIdentity"));
      assertThat(after.path("leaseTransitions")).isEqualTo(before.path("leaseTransitions"));
      assertThat(after.path("renewTime")).isNotEqualTo(before.path("renewTime"));
      assertThat(log.toString().lines().filter(Replica.event("leading"))).hasSize(1);
    }
  }

  private ApproverManager skewed(String name, Duration skew, StringWriter log) throws IOException {
    CredentialsResult read =
        ClientCredentials.fromKubeconfig(
            plane.layout().adminKubeconfig(), Optional.empty(), InstantSource.system());
    if (!(read instanceof CredentialsResult.Usable(ClientCredentials credentials))) {
      throw new AssertionError(read);
    }
    ApproverOptions usual =
        ApproverOptions.defaults(credentials, log)
            .withNamespace(Replica.NAMESPACE)
            .withLeaderElection(
                new ApproverOptions.LeaderElection(
                    "countersign-approver", name, Duration.ofSeconds(15)));
    return ApproverManager.start(
        new ApproverOptions(
            usual.server(),
            usual.namespace(),
            usual.policy(),
            usual.parallel(),
            usual.parallelPerRequestor(),
            usual.resync(),
            usual.leaderElection(),
            usual.serving(),
            usual.logFormat(),
            usual.logLevel(),
            usual.logTarget(),
            () -> Instant.now().plus(skew),
            usual.certificateMetrics(),
            usual.resolver(),
            usual.join()));
  }

  @Test
  void policyReplacedByABrokenOne_theOldOneStays(@TempDir Path directory) throws Exception {
    Path policy = Files.writeString(directory.resolve("policy.yaml"), POLICY);
    try (Replica approver = replica(directory, "approver", "--policy=" + policy)) {
      Storm.Run run = storm.begin("policy", MANY, 60);
      run.awaitSent(MANY / 10);

      // As far as it can be read, it would stop all approvals.
      Files.writeString(policy, POLICY.replace("Enforce", "Audit") + "  nonsense: [");
      approver.await(
          "report of a broken policy",
          () ->
              approver
                  .metric("countersign_policy_reloads_total{outcome=\"refused\"}")
                  .equals(Optional.of(1.0)));

      finish("policy broken", run);
      assertThat(approver.metric("countersign_policy_last_reload_successful")).contains(0.0);
      assertThat(approver.lines()).anyMatch(Replica.event("policy-refused"));
      assertThat(approver.lines()).noneMatch(Replica.event("policy-taken"));
    }
  }

  @Test
  void diskFullForLogs_approvalsGoOn() throws Exception {
    try (Replica approver =
        synced(Replica.start(plane.layout().adminKubeconfig(), Path.of("/dev/full")))) {
      finish("disk full", storm.begin("full", MANY, 100));
      assertThat(approver.isAlive()).isTrue();
      assertThat(approver.metric("countersign_log_lines_dropped_total").orElse(0.0)).isPositive();
    }
  }

  /** Drops etcd's whole history up to now, through its JSON gateway. */
  private void compact() throws Exception {
    Path tls = plane.layout().etcdTls();
    Identity client =
        Identity.parse(
            Files.readString(tls.resolve("etcd-client.crt")),
            SecretText.of(Files.readString(tls.resolve("etcd-client.key"))));
    try (HttpClient etcd =
        HttpClient.newBuilder()
            .sslContext(
                Tls.context(
                    Identity.parseCertificates(Files.readString(tls.resolve("etcd-client-ca.crt"))),
                    () -> Optional.of(client)))
            .build()) {
      JsonNode head = etcd(etcd, "kv/range", "{\"key\":\"YQ==\"}");
      String revision = head.path("header").path("revision").asText();
      etcd(etcd, "kv/compaction", "{\"revision\":\"" + revision + "\",\"physical\":true}");
      report("history compacted to revision", revision);
    }
  }

  private JsonNode etcd(HttpClient client, String call, String body) throws Exception {
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(
                    URI.create("https://" + plane.placement().loopback() + ":2379/v3/" + call))
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(List.of(response.statusCode())).as(response.body()).containsExactly(200);
    return new ObjectMapper().readTree(response.body());
  }
}
