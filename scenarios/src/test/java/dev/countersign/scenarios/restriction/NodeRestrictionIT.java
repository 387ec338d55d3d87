package dev.countersign.scenarios.restriction;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.api.Answer;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.node.SimulatedKubelet;
import org.junit.jupiter.api.Test;

/** NodeRestriction and the rendered RBAC, seen from a node and from a bootstrap token. */
@OnControlPlane
class NodeRestrictionIT {
  @Test
  void node_deletesItsOwnNode_andNoOther(Cluster cluster) throws Exception {
    try (SimulatedKubelet own = cluster.registeredNode();
        SimulatedKubelet other = cluster.registeredNode()) {
      Answer refused = own.asNode().delete("/api/v1/nodes/" + other.name());
      assertThat(refused.status()).isEqualTo(403);
      assertThat(cluster.operator().get("/api/v1/nodes/" + other.name()).ok()).isTrue();

      Answer deleted = own.asNode().delete("/api/v1/nodes/" + own.name());
      assertThat(deleted.ok()).as(deleted.message()).isTrue();
      assertThat(cluster.operator().get("/api/v1/nodes/" + own.name()).status()).isEqualTo(404);
    }
  }

  @Test
  void node_changesNoOtherNodesStatus(Cluster cluster) throws Exception {
    try (SimulatedKubelet own = cluster.registeredNode();
        SimulatedKubelet other = cluster.registeredNode()) {
      ObjectNode patch = JsonNodeFactory.instance.objectNode();
      patch.putObject("status").putArray("addresses");
      assertThat(
              own.asNode().mergePatch("/api/v1/nodes/" + other.name() + "/status", patch).status())
          .isEqualTo(403);
    }
  }

  @Test
  void bootstrapToken_readsNothing_andWritesNoNode(Cluster cluster) throws Exception {
    try (ApiConnection bootstrap =
        new ApiConnection(ClientConfig.read(cluster.plane().layout().bootstrapKubeconfig()))) {
      assertThat(bootstrap.get("/api/v1/nodes").status()).isEqualTo(403);
      assertThat(bootstrap.get("/api/v1/namespaces/kube-system/secrets").status()).isEqualTo(403);
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.put("apiVersion", "v1").put("kind", "Node").putObject("metadata").put("name", "thief");
      assertThat(bootstrap.post("/api/v1/nodes", node).status()).isEqualTo(403);
    }
  }
}
