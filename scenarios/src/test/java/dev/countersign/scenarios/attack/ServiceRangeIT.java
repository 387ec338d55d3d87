package dev.countersign.scenarios.attack;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.common.name.IpRange;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.FaultProxy;
import dev.countersign.scenarios.fixture.HonestNeighbour;
import dev.countersign.scenarios.fixture.Metrics;
import dev.countersign.scenarios.fixture.OnOwnControlPlane;
import dev.countersign.scenarios.fixture.Replicas;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing tells the approver from which range Services get their addresses: the API server has no
 * ServiceCIDR objects, or does not show them. A node claims an address that no Service has yet.
 */
@OnOwnControlPlane
class ServiceRangeIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
  private static final String UNKNOWN = "countersign_service_range_unknown";
  private static final String RANGES = "servicecidrs";
  private static final String FREE = "10.3.0.77";
  private static final PolicyConfig NAMED =
      PolicyConfig.defaults()
          .withGuard(
              Guard.defaults()
                  .withCidrs(
                      new Guard.ClusterCidrs(
                          List.of(), List.of(IpRange.parse("10.3.0.0/24").orElseThrow()), 24, 64)));

  @TempDir private Path directory = Path.of(".");

  @Test
  void rangesThatTheApproverMayNotList_areUnknown_untilItMay(Cluster cluster) throws Exception {
    role(cluster, "");
    StringWriter log = new StringWriter();
    try (ApproverManager approver = start(restricted(cluster), log);
        Metrics metrics = metrics(approver);
        SimulatedKubelet honest = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      whatMayBeAServicesWaits(cluster, approver, metrics, honest, attacker, log);

      approver.usePolicy(NAMED);
      honest.serve(Cluster.KUBELET_PORT);
      assertThat(ask(cluster, attacker, FREE)).isInstanceOf(TrialOutcome.Denied.class);

      approver.usePolicy(PolicyConfig.defaults());
      assertThat(reason(ask(cluster, attacker, FREE))).isEqualTo("ServiceRangeUnknown");
      role(
          cluster,
          ",{\"apiGroups\":[\"networking.k8s.io\"],\"resources\":[\"servicecidrs\"],"
              + "\"verbs\":[\"list\",\"watch\"]}");
      eventually("the ranges", () -> metrics.value(UNKNOWN).equals(Optional.of(0.0)));
      rotates(honest);
      assertThat(reason(ask(cluster, attacker, FREE))).isEqualTo("SanProtectedByCluster");
      assertThat(ready(approver)).isEqualTo("ok\n");
    }
  }

  /**
   * As on Kubernetes before 1.33, which today's cannot emulate any more: a proxy between says what
   * theirs says. {@code ServiceRangeUpgradeIT} has the real ones.
   */
  @Test
  void rangesThatTheApiServerDoesNotHave_areUnknown_untilThePolicyNamesThem(Cluster cluster)
      throws Exception {
    StringWriter log = new StringWriter();
    try (FaultProxy older = olderApiServer(cluster);
        ApproverManager approver = start(through(older), log);
        Metrics metrics = metrics(approver);
        SimulatedKubelet honest = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      whatMayBeAServicesWaits(cluster, approver, metrics, honest, attacker, log);

      approver.usePolicy(NAMED);
      honest.serve(Cluster.KUBELET_PORT);
      assertThat(ask(cluster, attacker, FREE)).isInstanceOf(TrialOutcome.Denied.class);
      eventually("the policy counts", () -> metrics.value(UNKNOWN).equals(Optional.of(0.0)));
      approver.usePolicy(PolicyConfig.defaults());
      unknownOrNamed_itStaysSo(cluster, through(older));
    }
  }

  /** As in an upgrade from 1.32 and back. */
  @Test
  void apiServerThatIsUpgradedAndSetBack_isFollowed(Cluster cluster) throws Exception {
    KubernetesBinaries binaries = cluster.plane().binaries();
    try (FaultProxy proxy = new FaultProxy(cluster.plane());
        ApproverManager approver = start(through(proxy), new StringWriter());
        Metrics metrics = metrics(approver);
        SimulatedKubelet honest = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      attacker.writeStatus(
          List.of(attacker.address(), InetAddress.getByName(FREE)), Cluster.KUBELET_PORT);
      honest.serve(Cluster.KUBELET_PORT);
      assertThat(reason(ask(cluster, attacker, FREE))).isEqualTo("SanProtectedByCluster");
      for (int turn = 0; turn < 2; turn++) {
        proxy.hide(RANGES);
        cluster.plane().replace(Component.API_SERVER, binaries, List.of());
        eventually("it is told", () -> metrics.value(UNKNOWN).equals(Optional.of(1.0)));
        assertThat(ask(cluster, attacker, FREE))
            .as("known from before, or unknown")
            .isInstanceOf(TrialOutcome.Deferred.class);
        assertThat(ask(cluster, honest, honest.address().getHostAddress()))
            .isInstanceOf(TrialOutcome.Approved.class);

        proxy.hideNothing();
        cluster.plane().replace(Component.API_SERVER, binaries, List.of());
        eventually("the ranges", () -> metrics.value(UNKNOWN).equals(Optional.of(0.0)));
        assertThat(reason(ask(cluster, attacker, FREE))).isEqualTo("SanProtectedByCluster");
        assertThat(ask(cluster, honest, honest.address().getHostAddress()))
            .isInstanceOf(TrialOutcome.Approved.class);
      }
    }
  }

  /** Whichever replica leads: what is not known protects no less, and what is named is known. */
  private static void unknownOrNamed_itStaysSo(Cluster cluster, ClientCredentials credentials)
      throws Exception {
    ApproverOptions options = ApproverOptions.defaults(credentials, new StringWriter());
    try (SimulatedKubelet honest = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      attacker.writeStatus(
          List.of(attacker.address(), InetAddress.getByName(FREE)), Cluster.KUBELET_PORT);
      try (Replicas replicas = Replicas.start(options)) {
        for (int phase = 0; phase < 3; phase++) {
          assertThat(reason(ask(cluster, attacker, FREE))).isEqualTo("ServiceRangeUnknown");
          replicas.next();
        }
      }
      try (Replicas replicas = Replicas.start(options.withPolicy(NAMED))) {
        HonestNeighbour neighbour = HonestNeighbour.measure(cluster);
        for (int phase = 0; phase < 3; phase++) {
          assertThat(ask(cluster, attacker, FREE)).isInstanceOf(TrialOutcome.Denied.class);
          neighbour.assertServedSoon(honest);
          replicas.next();
        }
      }
    }
  }

  private static void whatMayBeAServicesWaits(
      Cluster cluster,
      ApproverManager approver,
      Metrics metrics,
      SimulatedKubelet honest,
      SimulatedKubelet attacker,
      StringWriter log)
      throws Exception {
    attacker.writeStatus(
        List.of(attacker.address(), InetAddress.getByName(FREE)), Cluster.KUBELET_PORT);
    eventually("it is told", () -> metrics.value(UNKNOWN).equals(Optional.of(1.0)));
    assertThat(ask(cluster, attacker, FREE))
        .isInstanceOfSatisfying(
            TrialOutcome.Deferred.class,
            held ->
                assertThat(held.message())
                    .startsWith("ServiceRangeUnknown")
                    .contains("10.3.0.0/16 at the widest")
                    .contains("protected.serviceCIDRs"));
    assertThat(ask(cluster, honest, honest.address().getHostAddress()))
        .as("an address that no range with 10.3.0.1 as its first contains")
        .isInstanceOf(TrialOutcome.Approved.class);
    eventually("the probe says so", () -> ready(approver).contains("protected.serviceCIDRs"));
    assertThat(log.toString().lines().filter(line -> line.contains("service-range-unknown")))
        .hasSize(1);
  }

  private static FaultProxy olderApiServer(Cluster cluster) throws Exception {
    FaultProxy older = new FaultProxy(cluster.plane());
    older.hide(RANGES);
    return older;
  }

  private ClientCredentials through(FaultProxy proxy) throws Exception {
    return usable(proxy.kubeconfig(directory));
  }

  private static ApproverManager start(ClientCredentials credentials, StringWriter log)
      throws Exception {
    return ApproverManager.start(
        ApproverOptions.defaults(credentials, log)
            .withMetrics(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .withHealthProbes(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  private static Metrics metrics(ApproverManager approver) {
    return new Metrics(approver.metricsAddress().orElseThrow().getPort());
  }

  private static String ready(ApproverManager approver) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      int port = approver.probesAddress().orElseThrow().getPort();
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz")).build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  private static TrialOutcome ask(Cluster cluster, SimulatedKubelet node, String address)
      throws Exception {
    String pem = CsrForge.client(node.name()).withDns(node.name()).withIp(address).pem();
    return cluster.trial(node).send(pem, CsrProbe.SERVING_USAGES, OptionalInt.empty());
  }

  private static String reason(TrialOutcome outcome) {
    return outcome instanceof TrialOutcome.Deferred held ? held.reason() : outcome.toString();
  }

  private static void rotates(SimulatedKubelet node) throws Exception {
    var before = node.servingCertificate().orElseThrow().getSerialNumber();
    node.rotateServing();
    assertThat(node.servingCertificate().orElseThrow().getSerialNumber()).isNotEqualTo(before);
  }

  /** The approver's rights, but for ServiceCIDRs unless they are among {@code more}. */
  private static void role(Cluster cluster, String more) throws Exception {
    JsonNode role =
        JSON.readTree(
            """
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole",
            "metadata":{"name":"no-ranges"},"rules":[
            {"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests",
             "certificatesigningrequests/approval"],"verbs":["get","list","watch","update"]},
            {"apiGroups":["certificates.k8s.io"],"resources":["signers"],"verbs":["approve"]},
            {"apiGroups":["","events.k8s.io"],"resources":["nodes","services","configmaps",
             "events"],"verbs":["*"]},
            {"apiGroups":["discovery.k8s.io"],"resources":["endpointslices"],
             "verbs":["list","watch"]}%s]}
            """
                .formatted(more));
    if (more.isEmpty()) {
      cluster.operator().post(ROLES, role).orThrow("creating a role");
    } else {
      cluster.operator().put(ROLES + "/no-ranges", role).orThrow("widening a role");
    }
  }

  private ClientCredentials restricted(Cluster cluster) throws Exception {
    String accounts = "/api/v1/namespaces/kube-system/serviceaccounts";
    cluster
        .operator()
        .post(
            accounts,
            JSON.readTree(
                """
                {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"no-ranges"}}
                """))
        .orThrow("creating an account");
    cluster
        .operator()
        .post(
            ROLES.replace("clusterroles", "clusterrolebindings"),
            JSON.readTree(
                """
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding",
                "metadata":{"name":"no-ranges"},
                "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole",
                "name":"no-ranges"},
                "subjects":[{"kind":"ServiceAccount","name":"no-ranges",
                "namespace":"kube-system"}]}
                """))
        .orThrow("binding the role");
    String token =
        cluster
            .operator()
            .post(
                accounts + "/no-ranges/token",
                JSON.readTree(
                    """
                    {"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest",
                    "spec":{"expirationSeconds":3600}}
                    """))
            .orThrow("requesting a token")
            .at("/status/token")
            .asText();
    Path kubeconfig =
        Files.writeString(
            directory.resolve("kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            current-context: it
            contexts: [{name: it, context: {cluster: it, user: it}}]
            clusters: [{name: it, cluster: {server: "%s", certificate-authority: "%s"}}]
            users: [{name: it, user: {token: "%s"}}]
            """
                .formatted(cluster.plane().server(), cluster.plane().layout().authority(), token));
    return usable(kubeconfig);
  }

  private static ClientCredentials usable(Path kubeconfig) {
    return switch (ClientCredentials.fromKubeconfig(
        kubeconfig, Optional.empty(), InstantSource.system())) {
      case CredentialsResult.Usable(ClientCredentials usable) -> usable;
      case CredentialsResult.Unusable(String problem) -> throw new AssertionError(problem);
    };
  }
}
