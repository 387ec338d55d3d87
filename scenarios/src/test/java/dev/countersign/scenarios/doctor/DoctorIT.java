package dev.countersign.scenarios.doctor;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.scenarios.fixture.ApiServerFlags;
import dev.countersign.scenarios.fixture.ChosenKubelet;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.OnOwnControlPlane;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.Identity;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.CsrForge;
import dev.countersign.x509.request.SubjectAltName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * One cluster with one healthy node. Each way to break it is undone before the next, and each must
 * be called by its own name and nothing else.
 */
@OnOwnControlPlane
class DoctorIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final String BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
  private static final String LEASES =
      "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/";
  private static final String SECRETS = "/api/v1/namespaces/kube-system/secrets";

  /** Breaks something, and mends it when closed. */
  private interface Breaking {
    Mending apply() throws Exception;
  }

  /** Undoes what was broken. */
  private interface Mending {
    void undo() throws Exception;
  }

  @Test
  void eachBrokenSetup_isCalledByItsName_andAHealthyClusterByNone(Cluster cluster)
      throws Exception {
    ApiConnection operator = cluster.operator();
    try (SimulatedKubelet node = cluster.registeredNode()) {
      Identity good =
          ChosenKubelet.issue(
              ChosenKubelet.clusterAuthority(cluster),
              node.name(),
              new SubjectAltName.Dns(node.name()),
              SubjectAltName.Ip.of(node.address()));
      ChosenKubelet[] kubelet = {ChosenKubelet.start(node.address(), good)};
      try {
        contact(node, Instant.now());
        Command healthy = doctor(cluster);
        assertThat(causes(healthy)).as(healthy.out()).isEmpty();
        assertThat(healthy.status()).isZero();
        assertThat(cluster.command("node", "doctor", node.name(), "--dial").orThrow())
            .contains("nothing found on 1 nodes");

        SoftAssertions softly = new SoftAssertions();
        Map<String, Breaking> broken = broken(cluster, operator, node, kubelet, good);
        assertThat(broken).hasSizeGreaterThanOrEqualTo(12);
        for (Map.Entry<String, Breaking> one : broken.entrySet()) {
          contact(node, Instant.now());
          Mending mending = one.getValue().apply();
          Command found = doctor(cluster);
          softly
              .assertThat(causes(found))
              .as("%s: %s%s", one.getKey(), found.out(), found.err())
              .containsExactlyInAnyOrder(one.getKey().split(" ", -1));
          softly.assertThat(found.status()).isEqualTo(3);
          mending.undo();
        }
        System.out.println("broken set-ups named: " + broken.keySet());
        softly.assertAll();
        contact(node, Instant.now());
        assertThat(causes(doctor(cluster))).isEmpty();
      } finally {
        kubelet[0].close();
      }
    }
  }

  /** What only flags of kube-apiserver break, all in one cluster that cannot have nodes. */
  @Test
  void apiServerWithWrongFlags_isCalledByEachOfThem(
      @ApiServerFlags({
            "--enable-bootstrap-token-auth=false",
            "--kubelet-certificate-authority=",
            "--authorization-mode=RBAC"
          })
          Cluster cluster)
      throws Exception {
    Command found = doctor(cluster);

    assertThat(causes(found))
        .as(found.out() + found.err())
        .containsExactlyInAnyOrder(
            "TOKENS_SWITCHED_OFF", "KUBELETS_NOT_VERIFIED", "NODES_MAY_NOT_REQUEST");
    assertThat(found.status()).isEqualTo(3);
    Command words = cluster.command("node", "doctor");
    assertThat(words.out())
        .contains("--enable-bootstrap-token-auth", "--kubelet-certificate-authority");
  }

  private Map<String, Breaking> broken(
      Cluster cluster,
      ApiConnection operator,
      SimulatedKubelet node,
      ChosenKubelet[] kubelet,
      Identity good) {
    Map<String, Breaking> broken = new LinkedHashMap<>();
    broken.put(
        "SERVING_BOOTSTRAP_OFF",
        () -> {
          kubelet[0].configure(false, true);
          return () -> kubelet[0].configure(true, true);
        });
    broken.put(
        "ROTATION_OFF",
        () -> {
          kubelet[0].configure(true, false);
          return () -> kubelet[0].configure(true, true);
        });
    broken.put(
        "KUBELET_UNREACHABLE",
        () -> {
          kubelet[0].close();
          return () -> kubelet[0] = ChosenKubelet.start(node.address(), good);
        });
    broken.put(
        "KUBELET_NOT_TRUSTED",
        () -> {
          kubelet[0].close();
          kubelet[0] =
              ChosenKubelet.start(
                  node.address(),
                  ChosenKubelet.issue(
                      ChosenKubelet.foreignAuthority(),
                      node.name(),
                      SubjectAltName.Ip.of(node.address())));
          return () -> {
            kubelet[0].close();
            kubelet[0] = ChosenKubelet.start(node.address(), good);
          };
        });
    broken.put(
        "API_SERVER_REFUSED",
        () -> {
          kubelet[0].answerWith(401);
          return () -> kubelet[0].answerWith(200);
        });
    broken.put(
        "NODE_SILENT",
        () -> {
          contact(node, Instant.now().minusSeconds(600));
          return () -> {};
        });
    broken.put(
        "CLOCK_OF_NODE",
        () -> {
          contact(node, Instant.now().plusSeconds(600));
          return () -> {};
        });
    broken.put(
        "ADDRESS_CLAIMED_TWICE",
        () -> {
          SimulatedKubelet second = cluster.joining("second");
          second.bootstrap(cluster.plane().layout().bootstrapKubeconfig());
          second.register(Cluster.KUBELET_PORT);
          second.writeStatus(List.of(node.address()), Cluster.KUBELET_PORT);
          contact(second, Instant.now());
          return () -> remove(operator, second);
        });
    broken.put(
        "NODE_WITHOUT_ADDRESS KUBELET_UNREACHABLE",
        () -> {
          ObjectNode bare = JSON.createObjectNode();
          bare.put("apiVersion", "v1").put("kind", "Node");
          bare.putObject("metadata").put("name", "bare");
          operator.post("/api/v1/nodes", bare).orThrow("creating a bare Node");
          return () -> operator.delete("/api/v1/nodes/bare").orThrow("deleting it");
        });
    broken.put("SERVING_REQUEST_WAITS", () -> request(operator, node, List.of(), "server auth"));
    broken.put("REQUEST_DENIED", () -> request(operator, node, List.of("Denied"), "server auth"));
    broken.put(
        "SIGNER_FAILED",
        () -> {
          Mending mending = request(operator, node, List.of("Approved"), "client auth");
          eventually("the signer to fail", () -> has(operator, "Failed"));
          return mending;
        });
    broken.put(
        "SIGNER_SILENT",
        () -> {
          cluster.plane().stop(Component.CONTROLLER_MANAGER);
          Mending mending = request(operator, node, List.of("Approved"), "server auth");
          return () -> {
            mending.undo();
            cluster.plane().start(Component.CONTROLLER_MANAGER);
          };
        });
    broken.put(
        "CLIENT_REQUEST_WAITS",
        () -> {
          cluster.plane().stop(Component.CONTROLLER_MANAGER);
          Mending mending = clientRequest(operator, node);
          return () -> {
            mending.undo();
            cluster.plane().start(Component.CONTROLLER_MANAGER);
          };
        });
    broken.put(
        "BOOTSTRAPPERS_MAY_NOT_REQUEST", () -> without(operator, "system:node-bootstrapper"));
    broken.put(
        "RENEWALS_NOT_APPROVED",
        () ->
            without(
                operator, "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient"));
    broken.put(
        "TOKEN_UNUSABLE",
        () -> {
          operator
              .post(
                  SECRETS,
                  JSON.readTree(
                      """
                      {"apiVersion":"v1","kind":"Secret","type":"bootstrap.kubernetes.io/token",
                       "metadata":{"name":"bootstrap-token-abcdef"},
                       "stringData":{"token-id":"abcdef","token-secret":"short"}}
                      """))
              .orThrow("creating a Secret");
          return () -> operator.delete(SECRETS + "/bootstrap-token-abcdef").orThrow("deleting");
        });
    broken.put(
        "TOKEN_EXPIRED",
        () -> {
          // tokencleaner would mend it
          cluster.plane().stop(Component.CONTROLLER_MANAGER);
          operator
              .post(
                  SECRETS,
                  JSON.readTree(
                      """
                      {"apiVersion":"v1","kind":"Secret","type":"bootstrap.kubernetes.io/token",
                       "metadata":{"name":"bootstrap-token-abcdef"},
                       "stringData":{"token-id":"abcdef","token-secret":"0123456789abcdef",
                        "usage-bootstrap-authentication":"true",
                        "expiration":"2020-01-01T00:00:00Z"}}
                      """))
              .orThrow("creating a Secret");
          return () -> {
            operator.delete(SECRETS + "/bootstrap-token-abcdef").orThrow("deleting");
            cluster.plane().start(Component.CONTROLLER_MANAGER);
          };
        });
    broken.put(
        "APPROVER_NOT_PERMITTED SERVICE_RANGE_UNKNOWN",
        () -> {
          String accounts = "/api/v1/namespaces/default/serviceaccounts";
          operator
              .post(
                  accounts,
                  JSON.readTree(
                      """
                      {"apiVersion":"v1","kind":"ServiceAccount",
                       "metadata":{"name":"countersign-approver"}}
                      """))
              .orThrow("creating a service account");
          return () -> operator.delete(accounts + "/countersign-approver").orThrow("deleting");
        });
    broken.put(
        "APPROVER_NOT_RUNNING",
        () -> {
          String deployments = "/apis/apps/v1/namespaces/default/deployments";
          operator
              .post(
                  deployments,
                  JSON.readTree(
                      """
                      {"apiVersion":"apps/v1","kind":"Deployment",
                       "metadata":{"name":"countersign-approver"},
                       "spec":{"selector":{"matchLabels":{"app":"a"}},
                        "template":{"metadata":{"labels":{"app":"a"}},
                         "spec":{"containers":[{"name":"a","image":"no.such/image"}]}}}}
                      """))
              .orThrow("creating a Deployment");
          return () -> operator.delete(deployments + "/countersign-approver").orThrow("deleting");
        });
    broken.put(
        "BLANKET_APPROVAL TOKEN_WITHOUT_GRANT",
        () -> {
          operator
              .post(
                  "/api/v1/namespaces",
                  JSON.readTree(
                      """
                      {"apiVersion":"v1","kind":"Namespace",
                       "metadata":{"name":"countersign-join"}}
                      """))
              .orThrow("creating a namespace");
          return () -> {
            operator.delete("/api/v1/namespaces/countersign-join").orThrow("deleting");
            eventually(
                "the namespace to go",
                () -> operator.get("/api/v1/namespaces/countersign-join").status() == 404);
          };
        });
    return broken;
  }

  private static Command doctor(Cluster cluster) {
    return cluster.command("node", "doctor", "--patience=0", "-o", "json");
  }

  private static List<String> causes(Command command) throws Exception {
    TreeSet<String> causes = new TreeSet<>();
    JSON.readTree(command.out())
        .path("items")
        .forEach(item -> causes.add(item.path("cause").asText()));
    return new ArrayList<>(causes);
  }

  /** Writes the node's heartbeat as if by a clock that shows that time. */
  private static void contact(SimulatedKubelet node, Instant at) throws Exception {
    node.heartbeat();
    ObjectNode patch = JSON.createObjectNode();
    patch.putObject("spec").put("renewTime", at.toString().replaceAll("\\.\\d+Z", ".000000Z"));
    node.asNode().mergePatch(LEASES + node.name(), patch).orThrow("writing a heartbeat");
  }

  private static void remove(ApiConnection operator, SimulatedKubelet node) throws Exception {
    operator.delete("/api/v1/nodes/" + node.name()).orThrow("deleting a Node");
    operator.delete(LEASES + node.name());
    node.close();
  }

  private static boolean has(ApiConnection operator, String type) throws Exception {
    return operator.get(REQUESTS).body().toString().contains("\"type\":\"" + type + "\"");
  }

  private static Mending clientRequest(ApiConnection operator, SimulatedKubelet node)
      throws Exception {
    return request(
        operator, node, List.of(), "client auth", "kubernetes.io/kube-apiserver-client-kubelet");
  }

  private static Mending request(
      ApiConnection operator, SimulatedKubelet node, List<String> conditions, String usage)
      throws Exception {
    return request(operator, node, conditions, usage, "kubernetes.io/kubelet-serving");
  }

  private static Mending request(
      ApiConnection operator,
      SimulatedKubelet node,
      List<String> conditions,
      String usage,
      String signer)
      throws Exception {
    CsrForge forge = CsrForge.client(node.name());
    boolean client = signer.endsWith("client-kubelet");
    ObjectNode csr = JSON.createObjectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("generateName", "broken-");
    ObjectNode spec = csr.putObject("spec");
    spec.put("signerName", signer);
    spec.put(
        "request",
        Base64.getEncoder()
            .encodeToString(
                (client ? forge : forge.withDns(node.name()))
                    .pem()
                    .getBytes(StandardCharsets.US_ASCII)));
    spec.putArray("usages").add("digital signature").add(usage);
    JsonNode made = node.asNode().post(REQUESTS, csr).orThrow("sending");
    String path = REQUESTS + "/" + made.at("/metadata/name").asText();
    for (String type : conditions) {
      ObjectNode decided = made.deepCopy();
      decided
          .putObject("status")
          .putArray("conditions")
          .addObject()
          .put("type", type)
          .put("status", "True")
          .put("reason", "ByATest")
          .put("message", "to see what the doctor says")
          .put("lastUpdateTime", "2026-01-01T00:00:00Z");
      operator.put(path + "/approval", decided).orThrow("deciding");
    }
    return () -> operator.delete(path).orThrow("deleting the request");
  }

  /** Deletes the bindings of a ClusterRole, and brings them back. */
  private static Mending without(ApiConnection operator, String role) throws Exception {
    List<ObjectNode> taken = new ArrayList<>();
    for (JsonNode binding : operator.get(BINDINGS).orThrow("listing bindings").path("items")) {
      if (binding.at("/roleRef/name").asText().equals(role)) {
        ObjectNode copy = binding.deepCopy();
        String name = copy.at("/metadata/name").asText();
        copy.putObject("metadata").put("name", name);
        copy.put("apiVersion", "rbac.authorization.k8s.io/v1").put("kind", "ClusterRoleBinding");
        taken.add(copy);
        operator.delete(BINDINGS + "/" + name).orThrow("deleting a binding");
      }
    }
    assertThat(taken).as("bindings of " + role).isNotEmpty();
    return () -> {
      for (ObjectNode binding : taken) {
        operator.post(BINDINGS, binding).orThrow("bringing a binding back");
      }
    };
  }
}
