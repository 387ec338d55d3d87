package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeDeleteTest {
  private static final String JOIN = "/api/v1/namespaces/countersign-join/configmaps";
  private static final String NODE = "/api/v1/nodes/worker-1";

  @TempDir private Path directory = Path.of(".");
  private final FakeApiServer server;

  NodeDeleteTest() throws IOException {
    server = new FakeApiServer();
  }

  @BeforeEach
  void nothingButANode() {
    server.list("/api/v1/nodes", "v1", "Node");
    server.list("/api/v1/namespaces/countersign-system/configmaps", "v1", "ConfigMap");
    server.list(JOIN, "v1", "ConfigMap");
    server.list(
        "/apis/certificates.k8s.io/v1/certificatesigningrequests",
        "certificates.k8s.io/v1",
        "CertificateSigningRequest");
    String node = "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"worker-1\"}}";
    server.answer("GET " + NODE, 200, node).answer("DELETE " + NODE, 200, node);
    server.answer(
        "POST " + JOIN, 201, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{}}");
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Ran delete(String name) throws IOException {
    return node("delete", name, "--no-drain");
  }

  private Ran node(String... words) throws IOException {
    return Ran.of(
        Stream.of(
                Stream.of("node"),
                Stream.of(words),
                words[0].equals("delete")
                    ? Stream.of("-n", "countersign-system")
                    : Stream.<String>empty(),
                Stream.of("--kubeconfig", server.kubeconfig(directory).toString()))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  private void renewals(boolean allowed) {
    server.answer(
        "POST /apis/authorization.k8s.io/v1/subjectaccessreviews",
        201,
        "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SubjectAccessReview\",\"spec\":{},"
            + "\"status\":{\"allowed\":"
            + allowed
            + "}}");
  }

  @Test
  void renewalsThatStrictJoinApproves_areOver() throws IOException {
    renewals(false);
    Ran ran = delete("worker-1");
    assertThat(ran.out())
        .contains("name worker-1 revoked: under strict join its certificate is not renewed");
    assertThat(ran.err()).doesNotContain("warning");
    assertThat(ran.status()).isZero();
  }

  @Test
  void renewalsThatTheControllerManagerApproves_goOn_andItIsSaid() throws IOException {
    renewals(true);
    Ran ran = delete("worker-1");
    assertThat(ran.err())
        .contains("kube-controller-manager goes on renewing the certificate of worker-1");
    assertThat(ran.status()).isZero();
  }

  @Test
  void oneNameOfSeveralThatIsNoNode_nothingIsChanged() throws IOException {
    for (String verb : new String[] {"drain", "delete"}) {
      Ran ran = node(verb, "worker-1", "nope");
      assertThat(ran.err()).contains("NAME: got nope; want ", "nothing was changed");
      assertThat(ran.status()).isEqualTo(2);
    }
    assertThat(server.writes()).isEmpty();
  }

  @Test
  void namespaceOfACommandThatLooksAtNone_isRefused() throws IOException {
    Ran ran = node("drain", "worker-1", "--namespace=countersign-system");
    assertThat(ran.err()).startsWith("error: --namespace: got countersign-system, to a command");
    assertThat(ran.status()).isEqualTo(2);
    assertThat(server.seen()).isEmpty();
  }

  @Test
  void selectorThatIsNone_nothingIsChanged() throws IOException {
    server.answer(
        "GET /api/v1/pods",
        400,
        "{\"kind\":\"Status\",\"code\":400,\"message\":\"unable to parse requirement\"}");
    Ran ran = node("drain", "worker-1", "--pod-selector", "!!bad");
    assertThat(ran.err())
        .contains("--pod-selector: got \"!!bad\" (unable to parse requirement); want ");
    assertThat(ran.status()).isEqualTo(2);
    assertThat(server.writes()).isEmpty();
  }

  @Test
  void dryRun_saysWhatItWouldDo_andDoesNothing() throws IOException {
    server.list("/api/v1/pods", "v1", "Pod");
    server.answer(
        "GET /api/v1/namespaces/countersign-join",
        200,
        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{}}");
    renewals(false);
    assertThat(node("drain", "--dry-run", "worker-1").out())
        .isEqualTo("node worker-1 drained, 0 pods evicted (client dry run)\n");
    Ran ran = node("delete", "worker-1", "--dry-run=server");
    assertThat(ran.status()).isZero();
    assertThat(ran.out())
        .contains(
            "node worker-1 drained, 0 pods evicted (server dry run)\n",
            "node worker-1 deleted (server dry run)\n",
            "certificate is not renewed (server dry run)\n");
    assertThat(ran.err()).contains("node worker-1 cordoned (server dry run)");
    assertThat(node("delete", "worker-1", "--dry-run", "-o", "json").out())
        .contains("\"dryRun\" : true");
    assertThat(node("drain", "worker-1", "--dry-run=maybe").status()).isEqualTo(2);
    assertThat(server.writes()).isEmpty();
  }

  @Test
  void nameThatNothingTellsOf_isNotRevoked() throws IOException {
    renewals(true);
    Ran ran = delete("wroker-1");
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("wroker-1").doesNotContain("renew");
    assertThat(server.writes()).isEmpty();
    assertThat(ran.status()).isNotZero();
  }

  @Test
  void nameThatHasARecord_isRevoked_alsoWithoutANode() throws IOException {
    server.answer(
        "GET " + JOIN + "/" + "join-name-gone",
        200,
        """
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "join-name-gone"},
         "data": {"state": "Revoked", "node": "gone", "at": "2026-01-01T00:00:00Z"}}
        """);
    delete("gone");
    assertThat(server.writes()).contains("PUT " + JOIN + "/join-name-gone");
  }
}
