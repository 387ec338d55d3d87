package dev.countersign.scenarios.attack;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.HonestNeighbour;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.Replicas;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * One node's credentials or one bootstrap token take nothing that is another's, and delay nobody:
 * before and after a restart of the approver and a change of leader. An honest newcomer is served
 * within two seconds throughout, or on a machine that is slow by itself within ten times what one
 * takes before the attack.
 */
@OnControlPlane
class OwnershipIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Replicas replicas(Cluster cluster) throws Exception {
    return Replicas.start(ApproverOptions.defaults(cluster.credentials(), new StringWriter()));
  }

  @Test
  void nodeThatJoinsUnderAHeldName_isHeld_andItsHolderRenews(Cluster cluster) throws Exception {
    try (Replicas replicas = replicas(cluster);
        SimulatedKubelet holder = cluster.registeredNode()) {
      HonestNeighbour neighbour = HonestNeighbour.measure(cluster);
      String name = holder.name() + ".corp.example";
      addName(holder.asNode(), holder.name(), name);
      awaitApproval(cluster, holder, name);
      try (SimulatedKubelet newcomer = cluster.joining(name)) {
        newcomer.bootstrap(cluster.plane().layout().bootstrapKubeconfig());
        createNode(newcomer.asNode(), name);
        writeAddresses(newcomer.asNode(), name, "Hostname", List.of(name));
        for (int phase = 0; phase < 3; phase++) {
          assertThat(ask(cluster, newcomer, name))
              .isInstanceOfSatisfying(
                  TrialOutcome.Deferred.class,
                  held -> {
                    assertThat(held.reason()).isEqualTo("AddressOwnedByOtherNode");
                    assertThat(held.message()).contains(holder.name());
                  });
          assertThat(ask(cluster, holder, name)).isInstanceOf(TrialOutcome.Approved.class);
          neighbour.assertServedSoon();
          replicas.next();
        }
        assertThat(cluster.command("node", "addresses", "--contested").orThrow()).contains(name);

        cluster.command("node", "addresses", "--assign", name + "=" + name).orThrow();

        awaitApproval(cluster, newcomer, name);
        assertThat(ask(cluster, holder, name)).isInstanceOf(TrialOutcome.Deferred.class);
      }
    }
  }

  /** A name that another machine will have is not given to whoever lists it first. */
  @Test
  void nameOfAMachineThatHasNotJoined_isHeld_andTheMachineGetsIt(Cluster cluster) throws Exception {
    try (Replicas replicas = replicas(cluster);
        SimulatedKubelet attacker = cluster.registeredNode();
        SimulatedKubelet victim = cluster.newNode()) {
      HonestNeighbour neighbour = HonestNeighbour.measure(cluster);
      addName(attacker.asNode(), attacker.name(), victim.name());

      assertThat(ask(cluster, attacker, victim.name()))
          .isInstanceOfSatisfying(
              TrialOutcome.Deferred.class,
              held -> assertThat(held.reason()).isEqualTo("SiblingNameNotAssigned"));
      replicas.next();
      victim.bootstrap(cluster.plane().layout().bootstrapKubeconfig());
      victim.register(Cluster.KUBELET_PORT);
      neighbour.assertServedSoon(victim);
      assertThat(ask(cluster, attacker, victim.name())).isInstanceOf(TrialOutcome.Deferred.class);
    }
  }

  /** It changes 98 addresses ten times a second. */
  @Test
  void nodeThatChangesAllTheTime_delaysNoNewcomer(Cluster cluster) throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    try (Replicas replicas = replicas(cluster);
        SimulatedKubelet attacker = cluster.registeredNode();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      HonestNeighbour neighbour = HonestNeighbour.measure(cluster);
      Future<?> churn =
          threads.submit(
              () -> {
                for (int i = 0; !enough.get(); i++) {
                  writeAddresses(attacker.asNode(), attacker.name(), "InternalIP", numbers(i));
                  Thread.sleep(100);
                }
                return null;
              });
      try {
        for (int phase = 0; phase < 3; phase++) {
          for (int i = 0; i < 4; i++) {
            Thread.sleep(500);
            neighbour.assertServedSoon();
          }
          replicas.next();
        }
        eventually(
            "an Event on the Node",
            () -> eventsOn(cluster, attacker.name()).contains("AddressesChangeTooOften"));
      } finally {
        enough.set(true);
        churn.get();
      }
    }
  }

  private static List<String> numbers(int round) {
    List<String> addresses = new ArrayList<>();
    for (int i = 0; i < 98; i++) {
      int number = round * 98 + i;
      addresses.add("198.18." + number / 250 % 250 + "." + number % 250);
    }
    return addresses;
  }

  /** A token has made 36 Nodes, each with 98 names as long as a name can be. */
  @Test
  void manyNodesOfLongNames_delayNoNewcomer(Cluster cluster) throws Exception {
    List<String> made = new ArrayList<>();
    try (Replicas replicas = replicas(cluster)) {
      HonestNeighbour neighbour = HonestNeighbour.measure(cluster);
      for (int i = 0; i < 36; i++) {
        String name = "crowd-" + i;
        createNode(cluster.operator(), name);
        made.add(name);
        writeAddresses(cluster.operator(), name, "InternalDNS", longNames(i));
      }
      neighbour.assertServedSoon();
      replicas.next();
      neighbour.assertServedSoon();
      String usage =
          cluster.command("node", "addresses", "crowd-7", "--usage", "-o=json").orThrow();
      JsonNode one = JSON.readTree(usage).at("/items/0");
      assertThat(one.at("/bytes").asInt()).isBetween(10_000, 17_000);
      assertThat(one.at("/notOnRecord").size()).isBetween(40, 60);
      assertThat(eventsOn(cluster, "crowd-7")).contains("AddressBudgetUsedUp");
    } finally {
      for (String name : made) {
        cluster.operator().delete("/api/v1/nodes/" + name);
      }
    }
  }

  private static List<String> longNames(int node) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 98; i++) {
      names.add("n" + node + "-" + i + ("." + "x".repeat(58)).repeat(4));
    }
    return names;
  }

  private static void awaitApproval(Cluster cluster, SimulatedKubelet node, String name)
      throws Exception {
    eventually(
        "approval of " + name, () -> ask(cluster, node, name) instanceof TrialOutcome.Approved);
  }

  private static TrialOutcome ask(Cluster cluster, SimulatedKubelet node, String name)
      throws Exception {
    String pem = CsrForge.client(node.name()).withDns(name).pem();
    return cluster.trial(node).send(pem, CsrProbe.SERVING_USAGES, OptionalInt.empty());
  }

  private static void createNode(ApiConnection as, String name) throws Exception {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("apiVersion", "v1").put("kind", "Node");
    node.putObject("metadata").put("name", name);
    as.post("/api/v1/nodes", node).orThrow("creating Node " + name);
  }

  private static void addName(ApiConnection as, String node, String name) throws Exception {
    JsonNode found = as.get("/api/v1/nodes/" + node).orThrow("reading Node " + node);
    ArrayNode addresses = ((ArrayNode) found.at("/status/addresses")).deepCopy();
    addresses.addObject().put("type", "InternalDNS").put("address", name);
    patch(as, node, addresses);
  }

  private static void writeAddresses(ApiConnection as, String node, String type, List<String> texts)
      throws Exception {
    ArrayNode addresses = JsonNodeFactory.instance.arrayNode();
    texts.forEach(text -> addresses.addObject().put("type", type).put("address", text));
    patch(as, node, addresses);
  }

  private static void patch(ApiConnection as, String node, ArrayNode addresses) throws Exception {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("status").set("addresses", addresses);
    as.mergePatch("/api/v1/nodes/" + node + "/status", patch)
        .orThrow("writing the status of Node " + node);
  }

  private static List<String> eventsOn(Cluster cluster, String node) throws Exception {
    List<String> reasons = new ArrayList<>();
    cluster
        .operator()
        .get("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D" + node)
        .orThrow("reading Events")
        .path("items")
        .forEach(event -> reasons.add(event.path("reason").asText()));
    return reasons;
  }
}
