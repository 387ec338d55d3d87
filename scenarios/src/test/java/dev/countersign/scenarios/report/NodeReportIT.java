package dev.countersign.scenarios.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.approver.ApproverManager;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testkit.CsrForge;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code node report} and {@code csr explain -o html} of nodes that joined a real cluster. */
@OnControlPlane
class NodeReportIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void joinedNodes_areReported_withCertificatesOwnersAndWaitingRequests(
      Cluster cluster, @TempDir Path directory) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet served = cluster.registeredNode();
        SimulatedKubelet waits = cluster.registeredNode()) {
      served.serve(Cluster.KUBELET_PORT);
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
      String request = waiting(waits);

      JsonNode report = JSON.readTree(cluster.command("node", "report", "-o", "json").orThrow());
      assertThat(report.path("complete").asBoolean()).isTrue();
      JsonNode node = named(report.path("nodes"), "node", served.name());
      assertThat(node.at("/servingCertificate/served").asBoolean()).isTrue();
      assertThat(node.at("/servingCertificate/serial").asText())
          .isEqualTo(served.servingCertificate().orElseThrow().getSerialNumber().toString(16));
      assertThat(node.at("/clientCertificate/notAfter").asText()).isNotEmpty();
      assertThat(named(report.path("addresses"), "address", served.name()).path("owner").asText())
          .isEqualTo(served.name());
      assertThat(named(report.path("requests"), "name", request).path("reason").asText())
          .isNotEmpty();

      Command summary = cluster.command("node", "report", "--dial=false");
      assertThat(summary.status()).as(summary.err()).isZero();
      assertThat(summary.out()).contains("nodes      ", "requests   ", "Pending", "tokens     ");

      Path page = directory.resolve("report.html");
      Command written = cluster.command("node", "report", "--html", page.toString());
      assertThat(written.status()).as(written.err()).isZero();
      assertThat(Files.readString(page)).contains("default-src 'none'", served.name(), request);
      assertThat(cluster.command("csr", "explain", request, "-o", "html").out())
          .startsWith("<!doctype html>")
          .contains("default-src 'none'", request);
    }
  }

  /** A request that the approver defers: the address is not the Node's. */
  private static String waiting(SimulatedKubelet node) throws Exception {
    return node.asNode()
        .post(
            CsrProbe.PATH,
            CsrProbe.request(
                "kubernetes.io/kubelet-serving",
                CsrForge.serving(node.name()).withIp("10.99.99.99").pem(),
                CsrProbe.SERVING_USAGES,
                OptionalInt.empty()))
        .orThrow("sending a request")
        .at("/metadata/name")
        .asText();
  }

  private static JsonNode named(JsonNode items, String key, String name) {
    for (JsonNode item : items) {
      if (item.path(key).asText().equals(name)) {
        return item;
      }
    }
    throw new AssertionError("got no " + name + " in " + items);
  }
}
