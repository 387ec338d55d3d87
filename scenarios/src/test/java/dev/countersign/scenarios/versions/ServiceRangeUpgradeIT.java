package dev.countersign.scenarios.versions;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.ApproverManager;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Metrics;
import dev.countersign.scenarios.fixture.SteadyRequests;
import dev.countersign.scenarios.fixture.TestedKubernetes;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.cluster.RenderedFiles;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The API server of a running approver becomes one that has ServiceCIDR objects, and an older one
 * again (KEP-1880). A node claims an address that a Service may get.
 */
@EnabledIfSystemProperty(
    named = "countersign.versions.tests",
    matches = "true",
    disabledReason = "needs the programs of every release; the nightly run has them")
final class ServiceRangeUpgradeIT {
  private static final String UNKNOWN = "countersign_service_range_unknown";
  private static final String FREE = "10.3.0.77";

  @Test
  void rangesComeAndGo_andNoRequestIsLost() throws Exception {
    KubernetesBinaries without = programs("1.32");
    KubernetesBinaries with = programs("1.33");
    try (Cluster cluster = Cluster.start(without, RenderedFiles.small(), Map.of());
        ApproverManager approver =
            cluster.startApprover(
                options ->
                    options.withMetrics(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        Metrics metrics = new Metrics(approver.metricsAddress().orElseThrow().getPort());
        SimulatedKubelet attacker = cluster.registeredNode();
        SimulatedKubelet honest = cluster.registeredNode();
        SteadyRequests steady = SteadyRequests.of(cluster, List.of(honest))) {
      attacker.writeStatus(
          List.of(attacker.address(), InetAddress.getByName(FREE)), Cluster.KUBELET_PORT);
      eventually("it is told", () -> metrics.value(UNKNOWN).equals(Optional.of(1.0)));
      assertThat(reason(cluster, attacker)).isEqualTo("ServiceRangeUnknown");

      cluster.plane().replace(Component.API_SERVER, with, List.of());
      eventually("the ranges", () -> metrics.value(UNKNOWN).equals(Optional.of(0.0)));
      assertThat(reason(cluster, attacker)).isEqualTo("SanProtectedByCluster");
      getsAnother(steady);

      cluster.plane().replace(Component.API_SERVER, without, List.of());
      eventually("it is told", () -> metrics.value(UNKNOWN).equals(Optional.of(1.0)));
      assertThat(reason(cluster, attacker)).isIn("ServiceRangeUnknown", "SanProtectedByCluster");
      getsAnother(steady);
      steady.stop();
    }
  }

  private static KubernetesBinaries programs(String release) throws InterruptedException {
    return TestedKubernetes.cachedOrSkip(
        KubernetesReleases.supported().parseOption(release).orElseThrow());
  }

  private static void getsAnother(SteadyRequests steady) throws Exception {
    int before = steady.approved();
    eventually("another approval", () -> steady.approved() > before);
  }

  private static String reason(Cluster cluster, SimulatedKubelet node) throws Exception {
    String pem = CsrForge.client(node.name()).withDns(node.name()).withIp(FREE).pem();
    TrialOutcome outcome =
        cluster.trial(node).send(pem, CsrProbe.SERVING_USAGES, OptionalInt.empty());
    return outcome instanceof TrialOutcome.Deferred held ? held.reason() : outcome.toString();
  }
}
