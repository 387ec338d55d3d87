package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code node report} writes, where to, and what it says where it may not look. */
class NodeReportTest {
  @TempDir private Path directory = Path.of(".");
  private final FakeApiServer server;

  NodeReportTest() throws IOException {
    server = new FakeApiServer();
  }

  @BeforeEach
  void empty() {
    server.list("/api/v1/nodes", "v1", "Node");
    server.list(
        "/apis/certificates.k8s.io/v1/certificatesigningrequests",
        "certificates.k8s.io/v1",
        "CertificateSigningRequest");
    server.list("/api/v1/configmaps", "v1", "ConfigMap");
    server.list("/api/v1/namespaces/kube-system/configmaps", "v1", "ConfigMap");
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Ran report(String... more) throws IOException {
    return Ran.of(
        Stream.concat(
                Stream.of(
                    "node", "report", "--kubeconfig", server.kubeconfig(directory).toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }

  @Test
  void emptyCluster_isCounted() throws IOException {
    Ran ran = report();
    assertThat(ran.out())
        .contains("cluster    " + server.url(), "nodes      0\n", "requests   all have")
        .contains("addresses  0 on record, 0 contested\n", "tokens     0\n", "findings   0\n");
    assertThat(ran.status()).as(ran.err()).isZero();
    assertThat(server.writes()).isEmpty();
  }

  @Test
  void html_isWrittenToTheFile_overWhatIsThere() throws IOException {
    Path page = Files.writeString(directory.resolve("report.html"), "old");
    Ran ran = report("--html", page.toString());
    assertThat(ran.err()).contains("wrote " + page);
    assertThat(Files.readString(page)).startsWith("<!doctype html>").endsWith("</html>\n");

    Ran dash = report("--html", "-");
    assertThat(dash.out()).startsWith("<!doctype html>").endsWith("</html>\n");
    assertThat(report("--html", "-", "-o", "json").status()).isEqualTo(2);
  }

  @Test
  void listForbidden_isNamedInEveryForm_andTheStatusIsOne() throws IOException {
    server.forbid("GET /api/v1/nodes");

    Ran ran = report();
    assertThat(ran.err()).contains("not checked: nodes: got 403 Forbidden");
    assertThat(ran.status()).isEqualTo(1);
    assertThat(report("-o", "json").out()).contains("\"complete\" : false");
    assertThat(report("--html", "-").out()).contains("nodes: got 403 Forbidden");
  }
}
