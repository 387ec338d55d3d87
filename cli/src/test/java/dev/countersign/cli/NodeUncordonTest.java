package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeUncordonTest {
  private static final String NODE =
      "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"%s\"},\"spec\":{%s}}";

  private static FakeApiServer server() throws IOException {
    return new FakeApiServer()
        .answer("GET /api/v1/nodes/a", 200, NODE.formatted("a", "\"unschedulable\":true"))
        .answer("PATCH /api/v1/nodes/a", 200, NODE.formatted("a", ""))
        .answer("GET /api/v1/nodes/b", 200, NODE.formatted("b", ""));
  }

  @Test
  void cordonedNode_isUncordoned_othersAreLeftAlone(@TempDir Path directory) throws IOException {
    try (FakeApiServer server = server()) {
      String kubeconfig = "--kubeconfig=" + server.kubeconfig(directory);

      Ran dry = Ran.of("node", "uncordon", "a", "--dry-run=client", kubeconfig);
      assertThat(dry.out()).isEqualTo("node a uncordoned (client dry run)\n");
      assertThat(server.writes()).isEmpty();

      assertThat(Ran.of("node", "uncordon", "a", "b", kubeconfig).out())
          .isEqualTo("node a uncordoned\nnode b already uncordoned\n");
      assertThat(server.writes()).containsExactly("PATCH /api/v1/nodes/a");
    }
  }

  @Test
  void nameOfNoNode_changesNothing(@TempDir Path directory) throws IOException {
    try (FakeApiServer server = server()) {
      Ran ran =
          Ran.of("node", "uncordon", "a", "nope", "--kubeconfig=" + server.kubeconfig(directory));
      assertThat(ran.status()).isEqualTo(2);
      assertThat(ran.err()).contains("NAME: got nope; want the name of a Node");
      assertThat(server.writes()).isEmpty();
    }
  }
}
