package dev.countersign.scenarios.versions;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.approver.ApproverManager;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.KubeletCertificates;
import dev.countersign.scenarios.fixture.TestedKubernetes;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.cluster.KubectlApply;
import dev.countersign.testbed.cluster.RenderedFiles;
import dev.countersign.testbed.node.RealKubelet;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster is upgraded to the newest release, by its rendered files and in the order of the plan;
 * its signer issues certificates of 100 seconds.
 */
@EnabledIfSystemProperty(
    named = "countersign.versions.tests",
    matches = "true",
    disabledReason = "needs the programs of every release; the nightly run has them")
@RequiresRoot
@RequiresTool({"ip", "unshare"})
final class KubernetesUpgradeIT {
  private static final List<KubernetesRelease> RELEASES = KubernetesReleases.supported().all();
  private static final KubernetesRelease FROM = RELEASES.get(RELEASES.size() - 2);
  private static final KubernetesRelease TO = RELEASES.getLast();
  private static final List<String> SIGNER = List.of("--cluster-signing-duration=100s");
  private static final RenderedFiles FILES =
      new RenderedFiles(
          """
          nodes:
            platform: bare-metal
            os: fedora-coreos
            sshAuthorizedKeys: []
            controllers: [{name: node1, domain: node1.example.com}]
            workers: [{name: worker-1, domain: worker-1.example.com}]
          """,
          new SecureRandom(),
          InstantSource.system());

  @TempDir private Path directory = Path.of(".");

  @Test
  void upgradedCluster_reissuesNothing_andLosesNoRequest() throws Exception {
    KubernetesBinaries older = TestedKubernetes.cachedOrSkip(FROM.kubernetes());
    KubernetesBinaries newer = TestedKubernetes.cachedOrSkip(TO.kubernetes());
    try (Cluster cluster =
            Cluster.start(older, FILES, Map.of(Component.CONTROLLER_MANAGER, SIGNER));
        ApproverManager approver = cluster.startApprover();
        SimulatedKubelet early = cluster.registeredNode();
        Applicant applicant = new Applicant(cluster.registeredNode());
        RealKubelet worker = RealKubelet.start(cluster.plane(), "worker-1")) {
      ApiConnection operator = cluster.operator();
      KubeletCertificates.awaitBoth(operator, worker);
      runs(operator, worker, FROM);
      String uid = node(operator, worker).at("/metadata/uid").asText();

      renderedAgain_onlyVersionsChange(cluster.plane());
      Set<String> before = requests(operator, csr -> true);
      upgrade(cluster, newer, early);
      applicant.getsAnother();

      KubeletCertificates.awaitRenewal(operator, worker);
      runs(operator, worker, FROM);
      try (RealKubelet joined = RealKubelet.start(cluster.plane(), newer, "worker-2")) {
        KubeletCertificates.awaitBoth(operator, joined);
        runs(operator, joined, TO);
        worker.restart(newer);
        eventually(
            "the kubelet's new version", () -> version(operator, worker).equals(version(TO)));
        KubeletCertificates.awaitRenewal(operator, worker);
        KubeletCertificates.awaitRenewal(operator, joined);
      }
      assertThat(node(operator, worker).at("/metadata/uid").asText()).isEqualTo(uid);
      applicant.stop();
      eventually(
          "a certificate for every request",
          () -> requests(operator, KubernetesUpgradeIT::isWithoutCertificate).isEmpty());
      assertThat(requests(operator, csr -> true)).containsAll(before);
      assertThat(approver.awaitSynced(Duration.ofMinutes(1))).isTrue();
    }
  }

  private void renderedAgain_onlyVersionsChange(ControlPlane plane) throws Exception {
    SortedMap<String, String> before = files(plane.layout().assets());
    assertThat(render(plane, FROM, "--check").status()).as("as countersign rendered it").isZero();
    Command check = render(plane, TO, "--check");
    assertThat(check.status()).as(check.out() + check.err()).isEqualTo(3);
    assertThat(check.out() + check.err())
        .contains("Upgrade plan, Kubernetes %s to %s.".formatted(version(FROM), version(TO)))
        .contains("Unchanged: ", " kubeconfigs and tokens, all of them");
    assertThat(files(plane.layout().assets())).isEqualTo(before);

    render(plane, TO).orThrow();
    SortedMap<String, String> after = files(plane.layout().assets());
    assertThat(after.keySet()).isEqualTo(before.keySet());
    Set<String> changed = new TreeSet<>();
    after.forEach(
        (path, text) -> {
          if (!text.equals(before.get(path))) {
            changed.add(path);
          }
        });
    assertThat(changed)
        .contains(
            "static-manifests/kube-apiserver.yaml",
            "static-manifests/kube-controller-manager.yaml",
            "static-manifests/kube-scheduler.yaml")
        .allMatch(path -> path.matches("outputs\\.json|(static-manifests|nodes)/.*"));
    // Machines' files hold keys and tokens, too.
    for (String path : changed) {
      if (path.startsWith("nodes/")) {
        assertThat(
                Objects.requireNonNull(after.get(path))
                    .replace(version(TO), version(FROM))
                    .replace(TO.etcd(), FROM.etcd()))
            .as(path)
            .isEqualTo(before.get(path));
      }
    }
  }

  private Command render(ControlPlane plane, KubernetesRelease release, String... options)
      throws IOException {
    Path spec =
        Files.writeString(
            directory.resolve("cluster.yaml"),
            FILES.spec(plane.placement(), plane.server().getPort(), release.kubernetes()));
    return Command.run(
        Stream.concat(
                Stream.of(
                    "render",
                    "--spec",
                    spec.toString(),
                    "--out",
                    plane.layout().assets().toString()),
                Stream.of(options))
            .toArray(String[]::new));
  }

  private static SortedMap<String, String> files(Path assets) throws IOException {
    SortedMap<String, String> texts = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(assets)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        texts.put(assets.relativize(file).toString(), Files.readString(file));
      }
    }
    return texts;
  }

  /** In the plan's order. What is asked in between is signed by the new signer. */
  private static void upgrade(Cluster cluster, KubernetesBinaries newer, SimulatedKubelet early)
      throws Exception {
    ControlPlane plane = cluster.plane();
    plane.replace(Component.ETCD, newer, List.of());
    plane.replace(Component.API_SERVER, newer, List.of());
    plane.stop(Component.CONTROLLER_MANAGER);
    assertThat(
            cluster
                .trial(early)
                .send(
                    CsrForge.client(early.name())
                        .withDns(early.name())
                        .withIp(early.address().getHostAddress())
                        .pem(),
                    CsrProbe.SERVING_USAGES,
                    OptionalInt.empty()))
        .isInstanceOf(TrialOutcome.Approved.class);
    assertThat(requests(cluster.operator(), KubernetesUpgradeIT::isWithoutCertificate))
        .isNotEmpty();
    plane.replace(Component.CONTROLLER_MANAGER, newer, SIGNER);
    KubectlApply.everyManifest(plane.layout(), newer);
    assertThat(
            cluster
                .operator()
                .get("/version")
                .orThrow("reading the version")
                .path("gitVersion")
                .asText())
        .isEqualTo(version(TO));
  }

  /** The names of the requests that are so. */
  private static Set<String> requests(ApiConnection operator, Predicate<JsonNode> which)
      throws Exception {
    Set<String> names = new TreeSet<>();
    for (JsonNode csr : operator.get(CsrProbe.PATH).orThrow("listing requests").path("items")) {
      if (which.test(csr)) {
        names.add(csr.at("/metadata/name").asText());
      }
    }
    return names;
  }

  private static boolean isWithoutCertificate(JsonNode csr) {
    return csr.at("/status/certificate").asText().isEmpty();
  }

  private static JsonNode node(ApiConnection operator, RealKubelet kubelet) throws Exception {
    return operator.get("/api/v1/nodes/" + kubelet.name()).orThrow("reading a Node");
  }

  private static String version(ApiConnection operator, RealKubelet kubelet) throws Exception {
    return node(operator, kubelet).at("/status/nodeInfo/kubeletVersion").asText();
  }

  private static String version(KubernetesRelease release) {
    return release.kubernetes().toString();
  }

  private static void runs(ApiConnection operator, RealKubelet kubelet, KubernetesRelease release)
      throws Exception {
    assertThat(version(operator, kubelet)).isEqualTo(version(release));
  }

  /** A node that asks for one serving certificate after another, whatever the API server does. */
  private static final class Applicant implements AutoCloseable {
    private final SimulatedKubelet node;
    private final Thread thread;
    private final AtomicInteger issued = new AtomicInteger();

    Applicant(SimulatedKubelet node) {
      this.node = node;
      this.thread = Thread.ofVirtual().start(this::apply);
    }

    private void apply() {
      try {
        while (true) {
          try {
            node.rotateServing();
            issued.incrementAndGet();
          } catch (IOException e) {
            // The API server is being replaced.
          }
          Thread.sleep(200);
        }
      } catch (InterruptedException e) {
        // It is closed.
      }
    }

    void getsAnother() throws Exception {
      int before = issued.get();
      eventually("another certificate of " + node.name(), () -> issued.get() > before);
    }

    /** Ends after the request that is under way. */
    void stop() throws InterruptedException {
      thread.interrupt();
      thread.join();
    }

    @Override
    public void close() {
      thread.interrupt();
      node.close();
    }
  }
}
