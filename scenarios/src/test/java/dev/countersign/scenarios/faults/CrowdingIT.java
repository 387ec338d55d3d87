package dev.countersign.scenarios.faults;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.CsrForge;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One node's key, and requests that are not decided but held, for a day if need be: of any size, of
 * any number, with names of any length. Others get their certificates all the same, with half of
 * the heap that the Deployment gives.
 */
@OnControlPlane
class CrowdingIT {
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

  /** Their metadata alone is more than the heap. */
  private static final int LARGE = 60;

  private static final String HEAP = "64m";

  private static final int LABELS_EACH = 16_000;
  private static final int KEPT_OF_ONE_NODE = 256;

  private final Cluster cluster;
  private final List<String> made = new ArrayList<>();

  CrowdingIT(Cluster cluster) {
    this.cluster = cluster;
  }

  /** What earlier scenarios left waiting would be counted with what is made here. */
  @BeforeEach
  void deleteOthers() throws Exception {
    cluster.operator().delete(REQUESTS).orThrow("deleting requests");
  }

  @AfterEach
  void clean() throws Exception {
    for (String name : made) {
      cluster.operator().delete(REQUESTS + "/" + name).orThrow("deleting a request");
    }
    cluster
        .operator()
        .delete("/api/v1/namespaces/" + Replica.NAMESPACE + "/configmaps")
        .orThrow("deleting records");
  }

  /** For an address that is not in its Node's status: held, since it may be there in a moment. */
  private static ObjectNode held(String name, String node, String address) {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("name", name);
    ObjectNode spec = csr.putObject("spec");
    String pem = CsrForge.client(node).withDns(node).withIp(address).pem();
    spec.put(
        "request", Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
    spec.put("signerName", "kubernetes.io/kubelet-serving");
    spec.putArray("usages").add("digital signature").add("server auth");
    return csr;
  }

  private void make(ApiConnection node, ObjectNode csr) throws Exception {
    node.post(REQUESTS, csr).orThrow("making a request");
    made.add(csr.path("metadata").path("name").asText());
  }

  private Replica replica(Path directory, String name) throws Exception {
    ObjectNode namespace = JsonNodeFactory.instance.objectNode();
    namespace.putObject("metadata").put("name", Replica.NAMESPACE);
    assertThat(cluster.operator().post("/api/v1/namespaces", namespace).status()).isIn(201, 409);
    Replica replica =
        Replica.startWithin(
            HEAP, cluster.plane().layout().adminKubeconfig(), directory.resolve(name + ".log"));
    replica.awaitSynced();
    return replica;
  }

  private double heldOf(Replica replica) throws InterruptedException {
    return replica
        .metric("countersign_deferred_requests{reason=\"SanNotNodeAddress\"}")
        .orElse(0.0);
  }

  /** The node says that the address is its own, which nobody else does: they are approved. */
  private void resolve(SimulatedKubelet node, String address, List<String> names) throws Exception {
    node.writeStatus(List.of(node.address(), InetAddress.getByName(address)), Cluster.KUBELET_PORT);
    for (String name : names) {
      eventually("the approval of " + name, () -> approved(name));
    }
  }

  private boolean approved(String name) throws Exception {
    JsonNode csr = cluster.operator().get(REQUESTS + "/" + name).orThrow("reading a request");
    return csr.path("status").path("conditions").path(0).path("type").asText().equals("Approved");
  }

  @Test
  void requestsOfAMegabyteEach_takeNobodysMemory_alsoAfterARestart(@TempDir Path directory)
      throws Exception {
    try (SimulatedKubelet attacker = cluster.registeredNode();
        SimulatedKubelet honest = cluster.registeredNode();
        SimulatedKubelet late = cluster.registeredNode()) {
      try (Replica running = replica(directory, "running")) {
        String value = "v".repeat(63);
        for (int i = 0; i < LARGE; i++) {
          ObjectNode csr = held("large-" + i, attacker.name(), "192.0.2.77");
          ObjectNode labels = ((ObjectNode) csr.path("metadata")).putObject("labels");
          for (int j = 0; j < LABELS_EACH; j++) {
            labels.put("l" + j, value);
          }
          make(attacker.asNode(), csr);
        }
        honest.serve(Cluster.KUBELET_PORT);
        running.await("deferred requests", () -> heldOf(running) == LARGE);
      }
      try (Replica restarted = replica(directory, "restarted")) {
        late.serve(Cluster.KUBELET_PORT);
        restarted.await("deferred requests", () -> heldOf(restarted) == LARGE);
        System.out.printf(
            Locale.ROOT,
            "crowding: %d requests of 1.2 MB held, resident %d MiB%n",
            LARGE,
            restarted.residentKiB() >> 10);
        resolve(attacker, "192.0.2.77", List.of(made.getLast()));
        JsonNode last = cluster.operator().get(REQUESTS + "/" + made.getLast()).body();
        assertThat(last.path("metadata").path("labels")).hasSize(LABELS_EACH);
      }
    }
  }

  @Test
  void moreRequestsThanAreKept_areDecidedAll_andStrangeNamesAreLeftAlone(@TempDir Path directory)
      throws Exception {
    int many = KEPT_OF_ONE_NODE + 60;
    try (SimulatedKubelet attacker = cluster.registeredNode();
        SimulatedKubelet honest = cluster.registeredNode();
        Replica replica = replica(directory, "replica")) {
      String strange = "n".repeat(2000);
      make(attacker.asNode(), held(strange, attacker.name(), "192.0.2.78"));
      for (int i = 0; i < many; i++) {
        make(attacker.asNode(), held("many-" + i, attacker.name(), "192.0.2.78"));
      }
      honest.serve(Cluster.KUBELET_PORT);
      replica.await("deferred requests", () -> heldOf(replica) == KEPT_OF_ONE_NODE);
      assertThat(replica.lines()).filteredOn(Replica.event("too-many-requests")).hasSize(1);
      assertThat(replica.lines())
          .filteredOn(Replica.event("left-alone"))
          .hasSize(1)
          .allMatch(line -> line.contains("got a name of 2000 characters"));

      resolve(attacker, "192.0.2.78", made.subList(1, many + 1));
      assertThat(approved(strange)).isFalse();
    }
  }
}
