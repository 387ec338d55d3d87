package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the doctor says where it is not allowed to look. */
class NodeDoctorTest {
  private static final String NODES = "GET /api/v1/nodes";
  private static final String REQUESTS =
      "GET /apis/certificates.k8s.io/v1/certificatesigningrequests";

  @TempDir private Path directory = Path.of(".");
  private final FakeApiServer server;

  NodeDoctorTest() throws IOException {
    server = new FakeApiServer();
  }

  @BeforeEach
  void empty() {
    server.list("/api/v1/nodes", "v1", "Node");
    server.requests();
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Ran doctor(String... more) throws IOException {
    String[] words = new String[4 + more.length];
    System.arraycopy(
        new String[] {"node", "doctor", "--kubeconfig", server.kubeconfig(directory).toString()},
        0,
        words,
        0,
        4);
    System.arraycopy(more, 0, words, 4, more.length);
    return Ran.of(words);
  }

  @Test
  void everythingListed_nothingFound() throws IOException {
    Ran ran = doctor();
    assertThat(ran.out()).isEqualTo("nothing found on 0 nodes\n");
    assertThat(ran.status()).isEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {NODES, REQUESTS})
  void listForbidden_nothingIsRuledOut(String call) throws IOException {
    server.forbid(call);

    Ran text = doctor();
    assertThat(text.out()).isEmpty();
    assertThat(text.err()).contains("got 403 Forbidden", "want permission to list");
    assertThat(text.status()).isEqualTo(1);
    Ran json = doctor("-o", "json");
    assertThat(json.out()).contains("\"complete\" : false");
    assertThat(json.status()).isEqualTo(1);
  }

  @Test
  void namedNode_nodesForbidden_isNotSaidToBeMissing() throws IOException {
    server.forbid(NODES);
    Ran ran = doctor("worker-1");
    assertThat(ran.err()).doesNotContain("want the name of a Node");
    assertThat(ran.status()).isEqualTo(1);
  }
}
