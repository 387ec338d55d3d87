package dev.countersign.scenarios.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.approver.ApproverManager;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** {@code node addresses}: an operator sees whose an address is, and settles it. */
@OnControlPlane
class NodeAddressesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String RECORDS = "/api/v1/namespaces/kube-system/configmaps";

  @Test
  void address_claimedByTwo_isShownAndSettled(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet first = cluster.registeredNode();
        SimulatedKubelet second = cluster.registeredNode()) {
      first.serve(Cluster.KUBELET_PORT);
      String address = first.address().getHostAddress();
      second.writeStatus(List.of(second.address(), first.address()), Cluster.KUBELET_PORT);
      JsonNode before =
          record(cluster, second.name(), address, found -> found.at("/claimedBy/0").isObject());
      assertThat(before.at("/owner").asText()).isEqualTo(first.name());
      assertThat(before.at("/state").asText()).isEqualTo("first-claim");
      assertThat(before.at("/claimedBy/0/node").asText()).isEqualTo(second.name());
      assertThat(cluster.command("node", "addresses", "--contested").orThrow()).contains(address);

      String settlement = address + "=" + second.name();
      Command dry = cluster.command("node", "addresses", "--assign", settlement, "--dry-run");
      assertThat(dry.orThrow()).contains("assigned to " + second.name(), "dry run");
      Command no = cluster.commandWith("n\n", "node", "addresses", "--assign", settlement, "-i");
      assertThat(no.err()).contains("left as it is");
      assertThat(record(cluster, second.name(), address, found -> true).at("/owner").asText())
          .isEqualTo(first.name());

      cluster.commandWith("y\n", "node", "addresses", "--assign", settlement, "-i").orThrow();

      JsonNode after =
          record(
              cluster,
              second.name(),
              address,
              found -> found.at("/owner").asText().equals(second.name()));
      assertThat(after.at("/state").asText()).isEqualTo("settled");
      assertThat(after.at("/claimedBy/0/node").asText()).isEqualTo(first.name());
      String pem = CsrForge.client(second.name()).withDns(second.name()).withIp(address).pem();
      assertThat(cluster.trial(second).send(pem, CsrProbe.SERVING_USAGES, OptionalInt.empty()))
          .isInstanceOf(TrialOutcome.Approved.class);
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void releasedAddress_goesToWhoeverAloneClaimsIt(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet first = cluster.registeredNode();
        SimulatedKubelet second = cluster.registeredNode()) {
      first.serve(Cluster.KUBELET_PORT);
      String address = first.address().getHostAddress();
      cluster.command("node", "addresses", "--assign", address + "=" + second.name()).orThrow();
      cluster.command("node", "addresses", "--release", address).orThrow();

      record(
          cluster,
          first.name(),
          address,
          found -> found.at("/owner").asText().equals(first.name()));
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  /** The Node goes, with what can be read of its records; what cannot is named, and stays. */
  @Test
  void damagedRecord_keepsNoNodeFromBeingDeleted(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String address = node.address().getHostAddress();
      try (ApproverManager approver = cluster.startApprover()) {
        record(cluster, node.name(), address, found -> !found.at("/owner").asText().isEmpty());
        assertThat(approver.awaitSynced(Duration.ofSeconds(10))).isTrue();
      }
      String damaged = damageAnother(cluster, node);
      try {
        Command deletion = cluster.command("node", "delete", node.name(), "--no-drain");

        assertThat(deletion.status()).isEqualTo(1);
        assertThat(deletion.out()).contains("node " + node.name() + " deleted", address);
        assertThat(deletion.err()).contains(damaged, "restore it from a backup");
        assertThat(cluster.operator().get("/api/v1/nodes/" + node.name()).status()).isEqualTo(404);
        assertThat(cluster.command("node", "addresses").err()).contains(damaged);
      } finally {
        cluster.operator().delete(RECORDS + "/" + damaged);
      }
      assertThat(cluster.command("node", "addresses").orThrow()).doesNotContain(node.name());
    }
  }

  /** Damages a record that has nothing of the Node's; its name. */
  private static String damageAnother(Cluster cluster, SimulatedKubelet node) throws Exception {
    JsonNode maps =
        cluster
            .operator()
            .get(RECORDS + "?labelSelector=" + Shard.LABEL + "%3D" + Shard.LABEL_VALUE)
            .orThrow("reading the records");
    String name = Shard.objectName(0);
    for (int i = 0; i < Shard.COUNT && mentions(maps, name, node); i++) {
      name = Shard.objectName(i + 1);
    }
    ObjectNode map = JSON.createObjectNode();
    map.put("apiVersion", "v1").put("kind", "ConfigMap");
    map.putObject("metadata")
        .put("name", name)
        .putObject("labels")
        .put(Shard.LABEL, Shard.LABEL_VALUE);
    map.putObject("data").put(Shard.DATA_KEY, "no record");
    cluster.operator().delete(RECORDS + "/" + name);
    cluster.operator().post(RECORDS, map).orThrow("damaging " + name);
    return name;
  }

  private static boolean mentions(JsonNode maps, String name, SimulatedKubelet node) {
    for (JsonNode map : maps.path("items")) {
      if (map.at("/metadata/name").asText().equals(name)) {
        String text = map.path("data").toString();
        return text.contains(node.name()) || text.contains(node.address().getHostAddress());
      }
    }
    return false;
  }

  @Test
  void nonsense_isRefusedAsUsage(Cluster cluster) {
    assertThat(cluster.command("node", "addresses", "--assign", "10.0.0.1").status()).isEqualTo(2);
    assertThat(cluster.command("node", "addresses", "--assign", "10.0.0.1=no-such-node").status())
        .isEqualTo(2);
    assertThat(cluster.command("node", "addresses", "--release", "not an address").status())
        .isEqualTo(2);
    assertThat(cluster.command("node", "addresses", "--dry-run=maybe").status()).isEqualTo(2);
  }

  private static JsonNode record(
      Cluster cluster, String node, String address, Predicate<JsonNode> until) throws Exception {
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (true) {
      String out = cluster.command("node", "addresses", node, "-o", "json").orThrow();
      for (JsonNode found : JSON.readTree(out).path("items")) {
        if (found.at("/address").asText().equals(address) && until.test(found)) {
          return found;
        }
      }
      assertThat(System.nanoTime()).as("waited a minute; last seen: %s", out).isLessThan(deadline);
      Thread.sleep(200);
    }
  }
}
