package dev.countersign.scenarios.nodes;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.node.SimulatedKubelet;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * {@code node drain} and {@code node delete} as kubectl has them, and what delete takes with it.
 */
@OnControlPlane
class NodeDrainIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PODS = "/api/v1/namespaces/default/pods";
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

  @Test
  void budget_blocksUntilTheTimeIsUp_andThenLetsGo(Cluster cluster) throws Exception {
    ApiConnection operator = cluster.operator();
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String app = "budget-" + node.name();
      pod(operator, app, node.name(), "[]", "[]");
      String budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
      operator
          .post(
              budgets,
              JSON.readTree(
                  """
                  {"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"%1$s"},
                   "spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"%1$s"}}}}
                  """
                      .formatted(app)))
          .orThrow("creating a budget");
      eventually(
          "the budget to count the pod",
          () -> operator.get(budgets + "/" + app).body().at("/status/currentHealthy").asInt() == 1);

      Command unmanaged = cluster.command("node", "drain", node.name());
      assertThat(unmanaged.status()).isEqualTo(3);
      assertThat(unmanaged.err()).contains(app, "nothing was evicted");

      Command blocked = cluster.command("node", "drain", node.name(), "--force", "--timeout", "8s");
      assertThat(blocked.status()).isEqualTo(3);
      assertThat(blocked.err())
          .contains("cordoned, but not drained", app, "not evicted in time", "disruption budget");
      assertThat(operator.get(PODS + "/" + app).status()).isEqualTo(200);

      operator.delete(budgets + "/" + app).orThrow("deleting the budget");
      Command drained = cluster.command("node", "drain", node.name(), "--force", "--timeout", "2m");
      assertThat(drained.orThrow()).contains("drained, 1 pods evicted");
      assertThat(operator.get(PODS + "/" + app).status()).isEqualTo(404);
      assertThat(
              operator
                  .get("/api/v1/nodes/" + node.name())
                  .body()
                  .at("/spec/unschedulable")
                  .asBoolean())
          .isTrue();
    }
  }

  @Test
  void podsOfDaemonSetsAndDataInEmptyDirs_needTheirFlags(Cluster cluster) throws Exception {
    ApiConnection operator = cluster.operator();
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String set = "set-" + node.name();
      JsonNode made =
          operator
              .post(
                  "/apis/apps/v1/namespaces/default/daemonsets",
                  JSON.readTree(
                      """
                      {"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"%1$s"},
                       "spec":{"selector":{"matchLabels":{"app":"%1$s"}},
                        "updateStrategy":{"type":"OnDelete"},
                        "template":{"metadata":{"labels":{"app":"%1$s"}},
                         "spec":{"nodeSelector":{"kubernetes.io/hostname":"%2$s"},
                          "terminationGracePeriodSeconds":0,
                          "containers":[{"name":"c","image":"i"}]}}}}
                      """
                          .formatted(set, node.name())))
              .orThrow("creating a DaemonSet");
      assertThat(made.at("/metadata/uid").asText()).isNotEmpty();
      String member = member(operator, set);
      // there is no scheduler here
      operator
          .post(
              PODS + "/" + member + "/binding",
              JSON.readTree(
                  """
                  {"apiVersion":"v1","kind":"Binding","metadata":{"name":"%s"},
                   "target":{"apiVersion":"v1","kind":"Node","name":"%s"}}
                  """
                      .formatted(member, node.name())))
          .orThrow("binding the DaemonSet's pod");
      String data = "data-" + node.name();
      pod(
          operator,
          data,
          node.name(),
          "[{\"name\":\"d\",\"emptyDir\":{}}]",
          "[{\"name\":\"d\",\"mountPath\":\"/d\"}]");

      Command plain = cluster.command("node", "drain", node.name(), "--force");
      assertThat(plain.status()).isEqualTo(3);
      assertThat(plain.err()).contains(member, data);
      Command half =
          cluster.command("node", "drain", node.name(), "--force", "--ignore-daemonsets");
      assertThat(half.status()).isEqualTo(3);
      assertThat(half.err()).contains(data);

      Command drained =
          cluster.command(
              "node",
              "drain",
              node.name(),
              "--force",
              "--ignore-daemonsets",
              "--delete-emptydir-data",
              "--timeout=2m");
      assertThat(drained.orThrow()).contains("1 pods evicted");
      assertThat(drained.err()).contains("stays: ").contains(member);
      assertThat(operator.get(PODS + "/" + member).status()).isEqualTo(200);
      operator.delete("/apis/apps/v1/namespaces/default/daemonsets/" + set);
    }
  }

  @Test
  void deletedNode_takesItsTokenRequestsAndAddressesWithIt(Cluster cluster) throws Exception {
    ApiConnection operator = cluster.operator();
    try (SimulatedKubelet node = cluster.registeredNode()) {
      try (var approver = cluster.startApprover()) {
        node.serve(Cluster.KUBELET_PORT);
        assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
      }
      assertThat(cluster.command("node", "addresses", node.name()).orThrow())
          .contains(node.address().getHostAddress());
      String token =
          JSON.readTree(
                  cluster.command("token", "create", "--node", node.name(), "-o", "json").orThrow())
              .path("id")
              .asText();
      JsonNode csr =
          JSON.readTree(
              """
              {"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest",
               "metadata":{"generateName":"left-"},
               "spec":{"signerName":"kubernetes.io/kubelet-serving","request":"%s",
                "usages":["digital signature","server auth"]}}
              """
                  .formatted(
                      java.util.Base64.getEncoder()
                          .encodeToString(
                              dev.countersign.testkit.CsrForge.client(node.name())
                                  .withDns(node.name())
                                  .pem()
                                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII))));
      String request =
          node.asNode().post(REQUESTS, csr).orThrow("sending").at("/metadata/name").asText();

      String out = cluster.command("node", "delete", node.name(), "--force").orThrow();

      assertThat(out)
          .contains(
              "node " + node.name() + " deleted",
              "token " + token + " deleted",
              "request " + request + " deleted",
              "address " + node.address().getHostAddress() + " free");
      assertThat(operator.get(REQUESTS + "/" + request).status()).isEqualTo(404);
      assertThat(operator.get("/api/v1/nodes/" + node.name()).status()).isEqualTo(404);
      assertThat(cluster.command("node", "addresses", node.name()).err())
          .contains("no such records");
      assertThat(cluster.command("node", "delete", node.name(), "--no-drain").status())
          .isEqualTo(2);
    }
  }

  private static void pod(
      ApiConnection operator, String name, String node, String volumes, String mounts)
      throws Exception {
    eventually(
        "the default service account",
        () -> operator.get("/api/v1/namespaces/default/serviceaccounts/default").status() == 200);
    operator
        .post(
            PODS,
            JSON.readTree(
                """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%1$s","labels":{"app":"%1$s"}},
                 "spec":{"nodeName":"%2$s","terminationGracePeriodSeconds":0,"volumes":%3$s,
                  "tolerations":[{"operator":"Exists"}],
                  "containers":[{"name":"c","image":"i","volumeMounts":%4$s}]}}
                """
                    .formatted(name, node, volumes, mounts)))
        .orThrow("creating pod " + name);
    operator
        .mergePatch(
            PODS + "/" + name + "/status",
            JSON.readTree(
                """
                {"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}
                """))
        .orThrow("running pod " + name);
  }

  private static String member(ApiConnection operator, String set) throws Exception {
    String[] found = {""};
    eventually(
        "the DaemonSet's pod",
        () -> {
          found[0] =
              operator
                  .get(PODS + "?labelSelector=app%3D" + set)
                  .body()
                  .at("/items/0/metadata/name")
                  .asText();
          return !found[0].isEmpty();
        });
    return found[0];
  }
}
