package dev.countersign.scenarios.deployment;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.Kubectl;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.ProjectVersion;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.scenarios.fixture.SteadyRequests;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.RequiresRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A release over the one before, on a running approver of two replicas: objects are accepted, pods
 * are replaced one after the other as the Deployment's strategy says, and no request is lost. Both
 * are this release's program; the earlier one has another version.
 */
@OnControlPlane
@RequiresRoot
class UpgradeIT {
  private static final String BEFORE = "0.0.9";
  private static final String NOW = ProjectVersion.text();
  private static final String DEPLOYMENT =
      "/apis/apps/v1/namespaces/countersign-system/deployments/countersign-approver";

  @TempDir private Path directory = Path.of(".");

  /** Brings the objects of a version to the cluster. */
  private interface Release {
    void apply(String version) throws Exception;
  }

  @Test
  void manifests_areAppliedOverThoseOfTheReleaseBefore(Cluster cluster) throws Exception {
    upgrades(cluster, version -> Kubectl.apply(cluster, manifests(version)));
    Kubectl.delete(cluster, manifests(NOW));
  }

  private static String manifests(String version) {
    String image = "quay.io/countersign/approver:" + version;
    return Command.run("manifests", "--ha", "--image=" + image).orThrow();
  }

  @Test
  void chart_isUpgradedFromTheReleaseBefore(Cluster cluster) throws Exception {
    Helm helm = Helm.obtain(directory.resolve("helm"));
    Path kubeconfig = cluster.plane().layout().adminKubeconfig();
    upgrades(
        cluster,
        version ->
            helm.release(
                    "upgrade",
                    kubeconfig,
                    chart(version).toString(),
                    "--install",
                    "--create-namespace",
                    "--set=replicas=2")
                .orThrow());
    helm.release("uninstall", kubeconfig).orThrow();
  }

  private Path chart(String version) throws Exception {
    Path chart = directory.resolve("chart-" + version);
    Ran.run(List.of("cp", "-r", "../deploy/helm/countersign", chart.toString())).orThrow();
    Path about = chart.resolve("Chart.yaml");
    Files.writeString(
        about,
        Files.readString(about).replaceAll("(?m)^(version|appVersion): .*$", "$1: " + version));
    return chart;
  }

  private void upgrades(Cluster cluster, Release release) throws Exception {
    try (SimulatedKubelet first = cluster.registeredNode();
        SimulatedKubelet second = cluster.registeredNode()) {
      release.apply(BEFORE);
      runs(cluster, BEFORE);
      try (ApproverPod oldOne = ready(cluster, "old-1");
          ApproverPod oldOther = ready(cluster, "old-2")) {
        try (SteadyRequests requests = SteadyRequests.of(cluster, List.of(first, second))) {
          release.apply(NOW);
          runs(cluster, NOW);
          assertThat(oldOne.end()).isZero();
          replaced(cluster, oldOther, requests);
        }
      }
      everyRequestIsApprovedOnce(cluster, first, second);
    } finally {
      Kubectl.get(cluster, "delete", "-n", "countersign-system", "configmap", "-l", Shard.LABEL);
    }
  }

  private void replaced(Cluster cluster, ApproverPod oldOther, SteadyRequests requests)
      throws Exception {
    try (ApproverPod newOne = ready(cluster, "new-1")) {
      assertThat(oldOther.end()).isZero();
      try (ApproverPod newOther = ready(cluster, "new-2")) {
        int before = requests.approved();
        eventually("approvals by the new release", () -> requests.approved() > before + 4);
        requests.stop();
        System.err.printf(
            "upgrade: %d requests, the slowest approved after %d ms%n",
            requests.approved(), requests.longest().toMillis());
        assertThat(newOther.end()).isZero();
      }
      assertThat(newOne.end()).isZero();
    } catch (AssertionError failure) {
      throw new AssertionError(
          "the new pod's log: " + Files.readString(directory.resolve("new-1/log")), failure);
    }
  }

  private static void runs(Cluster cluster, String version) throws Exception {
    JsonNode spec = cluster.operator().get(DEPLOYMENT).orThrow("reading").path("spec");
    assertThat(spec.at("/template/spec/containers/0/image").asText()).endsWith(":" + version);
    // The order of ends and starts above.
    assertThat(spec.at("/strategy/rollingUpdate/maxSurge").asInt(-1)).isZero();
    assertThat(spec.at("/strategy/rollingUpdate/maxUnavailable").asInt(-1)).isEqualTo(1);
  }

  private ApproverPod ready(Cluster cluster, String name) throws Exception {
    ApproverPod pod = ApproverPod.start(cluster, directory.resolve(name));
    eventually("a ready " + name, () -> pod.probe("readinessProbe") == 200);
    return pod;
  }

  private static void everyRequestIsApprovedOnce(Cluster cluster, SimulatedKubelet... nodes)
      throws Exception {
    JsonNode all =
        cluster
            .operator()
            .get("/apis/certificates.k8s.io/v1/certificatesigningrequests")
            .orThrow("listing");
    int seen = 0;
    for (JsonNode request : all.path("items")) {
      String user = request.at("/spec/username").asText();
      for (SimulatedKubelet node : nodes) {
        if (user.equals("system:node:" + node.name())
            && request.at("/spec/signerName").asText().equals("kubernetes.io/kubelet-serving")) {
          seen++;
          assertThat(request.at("/status/conditions").findValuesAsText("type"))
              .containsExactly("Approved");
        }
      }
    }
    assertThat(seen).isGreaterThan(8);
  }
}
