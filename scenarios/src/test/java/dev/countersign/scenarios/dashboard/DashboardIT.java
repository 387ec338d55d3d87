package dev.countersign.scenarios.dashboard;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Page;
import dev.countersign.scenarios.dashboard.DashboardPage.Answered;
import dev.countersign.scenarios.dashboard.DashboardPage.Drawn;
import dev.countersign.scenarios.fixture.Chromium;
import dev.countersign.scenarios.fixture.Chromium.Look;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.CountersignProcess;
import dev.countersign.scenarios.fixture.Metrics;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.SteadyRequests;
import dev.countersign.scenarios.fixture.StrictCluster;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two approvers with strict join, Nodes that join and renew, requests that are denied and deferred,
 * and a change of the leader; then every query of the dashboard has an answer. The picture in
 * {@code docs/pictures} is drawn from these answers.
 */
@OnControlPlane
@RequiresTool({"prometheus", "chromium"})
class DashboardIT {
  private static final Path DASHBOARD = Path.of("../deploy/monitoring/dashboard.json");
  private static final String NAMESPACE = "countersign-system";
  private static final String RATE_INTERVAL = "15s";
  private static final int NODES = 6;
  private static final Duration PHASE = Duration.ofSeconds(35);

  @TempDir private Path directory = Path.of(".");

  private final List<SimulatedKubelet> nodes = new ArrayList<>();

  @Test
  void everyQuery_hasData_andThePanelsAreDrawn(StrictCluster strict) throws Exception {
    Cluster cluster = strict.cluster();
    int first = CountersignProcess.freePort();
    int second = CountersignProcess.freePort();
    Process leader = approver(cluster, first);
    try {
      awaitMetric(first, "countersign_leader", 1);
      Process standby = approver(cluster, second);
      try (Prometheus prometheus =
          Prometheus.start(
              directory,
              NAMESPACE,
              Map.of("countersign-approver-1", first, "countersign-approver-2", second))) {
        final Instant start = Instant.now();
        join(strict);
        try (SteadyRequests requests = SteadyRequests.of(cluster, nodes)) {
          // Over some time: an increase is seen only after a counter's first scrape.
          for (int i = 0; i < 4; i++) {
            refusals();
            Thread.sleep(PHASE.dividedBy(4));
          }
          CountersignProcess.stop(leader);
          awaitMetric(second, "countersign_leader", 1);
          Thread.sleep(PHASE);
          requests.stop();
        }
        draw(ask(prometheus, start, Instant.now()), start);
      } finally {
        CountersignProcess.stop(standby);
      }
    } finally {
      CountersignProcess.stop(leader);
      for (SimulatedKubelet node : nodes) {
        cluster.operator().delete("/api/v1/nodes/" + node.name()).orThrow("deleting a Node");
        node.close();
      }
    }
  }

  private Process approver(Cluster cluster, int port) throws IOException {
    return new ProcessBuilder(
            CountersignProcess.command(
                List.of(
                    "approver",
                    "--kubeconfig=" + cluster.plane().layout().adminKubeconfig(),
                    "--namespace=default",
                    "--leader-elect",
                    "--strict-join",
                    "--node-certificate-metrics=50",
                    "--metrics-bind-address=127.0.0.1:" + port)))
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("approver-" + port + ".log").toFile())
        .start();
  }

  private void awaitMetric(int port, String series, double value) throws Exception {
    try (Metrics metrics = new Metrics(port)) {
      eventually(
          series + " " + value, () -> metrics.value(series).filter(v -> v == value).isPresent());
    }
  }

  private void join(StrictCluster strict) throws Exception {
    for (int i = 0; i < NODES; i++) {
      SimulatedKubelet node = strict.cluster().newNode();
      nodes.add(node);
      node.bootstrap(strict.token(directory, node.name()));
      node.register(Cluster.KUBELET_PORT);
      node.rotateServing();
    }
    nodes.getFirst().rotateClient();
    Path token = strict.token(directory, "worker-of-another-room");
    try (SimulatedKubelet thief = strict.cluster().joining("worker-that-took-a-token")) {
      assertThatThrownBy(() -> thief.bootstrap(token)).hasMessageContaining("TokenNotForNode");
    }
  }

  /** Denied, and deferred for as long as the scenario lasts. */
  private void refusals() throws Exception {
    SimulatedKubelet node = nodes.getLast();
    String address = node.address().getHostAddress();
    CsrForge own = CsrForge.client(node.name()).withDns(node.name()).withIp(address);
    for (CsrForge forged :
        List.of(
            own.withDns("*.example.com"),
            own.withDns("kubernetes.default.svc"),
            own.withIp("192.0.2.200"),
            own.withIp(nodes.getFirst().address().getHostAddress()))) {
      node.asNode()
          .post(
              CsrProbe.PATH,
              CsrProbe.request(
                  "kubernetes.io/kubelet-serving",
                  forged.pem(),
                  CsrProbe.SERVING_USAGES,
                  OptionalInt.empty()))
          .orThrow("creating a request");
    }
  }

  private static List<Answered> ask(Prometheus prometheus, Instant start, Instant end)
      throws Exception {
    List<Answered> answers = new ArrayList<>();
    List<String> silent = new ArrayList<>();
    for (Panel panel : Panel.read(DASHBOARD)) {
      List<Drawn> series = new ArrayList<>();
      for (Panel.Target target : panel.targets()) {
        String query = target.query(NAMESPACE, RATE_INTERVAL);
        List<Prometheus.Series> answer = prometheus.range(query, start, end);
        if (answer.isEmpty()) {
          silent.add(panel.title() + ": " + query);
        }
        answer.forEach(each -> series.add(Drawn.of(target, each)));
      }
      answers.add(new Answered(panel, series));
    }
    assertThat(silent).as("queries without data").isEmpty();
    assertThat(answers).hasSizeGreaterThan(15);
    return answers;
  }

  private static void draw(List<Answered> answers, Instant start) throws IOException {
    Path pictures = Files.createDirectories(Path.of("target", "pictures"));
    Path page =
        Files.writeString(
            pictures.resolve("dashboard.html"), DashboardPage.of(answers, start, Instant.now()));
    try (Chromium chromium = Chromium.start();
        Chromium.Opened opened = chromium.open(page, Look.DESKTOP)) {
      opened
          .page()
          .screenshot(
              new Page.ScreenshotOptions()
                  .setPath(pictures.resolve("dashboard.png"))
                  .setFullPage(true));
      assertThat(opened.page().locator("section").count()).isEqualTo(answers.size());
      assertThat(opened.seriousFaults()).isEmpty();
      assertThat(opened.errors()).isEmpty();
      assertThat(opened.requests()).hasSize(1);
    }
  }
}
