package dev.countersign.scenarios.attack;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.HonestNeighbour;
import dev.countersign.scenarios.fixture.Metrics;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.Replicas;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A node writes an address of the cluster's own into its Node's status and asks for a certificate
 * for it: of a Pod range, a Service, the API server, a Node that was deleted.
 */
@OnControlPlane
class ClusterAddressesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EXTERNAL_ADDRESSES =
      "countersign_protected_names{kind=\"service-external\"}";
  private static final String SERVICES = "/api/v1/namespaces/default/services";

  /** Ranges that no other test uses; the controller manager gives out 10.20.0.0/14 from below. */
  private static final AtomicInteger NEXT_RANGE = new AtomicInteger(1);

  @Test
  void addressInAnothersPodRange_isHeld_andItsOwnerServes(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet victim = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      InetAddress pod = ofPod(podRange(cluster, victim.name()));

      claim(attacker, pod);

      assertHeld(
          ask(cluster, attacker, pod),
          "SanProtectedByCluster",
          "Pod range of Node " + victim.name(),
          "AddressClaimUnrecorded");
      assertThat(owner(cluster, attacker, pod)).isEmpty();
      victim.serve(Cluster.KUBELET_PORT);
      assertThat(victim.servingCertificate()).isPresent();
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void addressInItsOwnPodRange_isHeld(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      InetAddress pod = ofPod(podRange(cluster, attacker.name()));

      claim(attacker, pod);

      assertHeld(
          ask(cluster, attacker, pod),
          "SanProtectedByCluster",
          "Pod range of Node " + attacker.name());
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void addressInAnothersIpv6PodRange_isHeld_andItsOwnerServes(Cluster cluster) throws Exception {
    int number = NEXT_RANGE.getAndIncrement();
    String range4 = "10.23.%d.0/24".formatted(number);
    String range6 = "fd00:20:0:%x::/64".formatted(number);
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet attacker = cluster.registeredNode();
        SimulatedKubelet victim = nodeWithRanges(cluster, range4, range6)) {
      InetAddress pod = InetAddress.getByName("fd00:20:0:%x::7".formatted(number));

      claim(attacker, pod);

      assertHeld(
          ask(cluster, attacker, pod),
          "SanProtectedByCluster",
          "Pod range of Node " + victim.name());
      victim.serve(Cluster.KUBELET_PORT);
      assertThat(victim.servingCertificate()).isPresent();
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void addressClaimedBeforeTheRangeCame_isDenied_whereThePolicyNamesThePodRanges(Cluster cluster)
      throws Exception {
    int number = NEXT_RANGE.getAndIncrement();
    InetAddress pod = InetAddress.getByName("10.23.%d.7".formatted(number));
    try (ApproverManager approver =
            startApprover(cluster, "protected: {podCIDRs: [10.20.0.0/14]}\n");
        SimulatedKubelet attacker = cluster.registeredNode()) {
      claim(attacker, pod);
      eventually(
          "the record of the claim",
          () -> owner(cluster, attacker, pod).equals(List.of(attacker.name())));
      try (SimulatedKubelet victim = nodeWithRanges(cluster, "10.23.%d.0/24".formatted(number))) {
        TrialOutcome outcome = ask(cluster, attacker, pod);

        assertThat(outcome)
            .isInstanceOfSatisfying(
                TrialOutcome.Denied.class,
                denied -> assertThat(denied.reason()).isEqualTo("ProtectedByPolicy"));
        victim.serve(Cluster.KUBELET_PORT);
        assertThat(victim.servingCertificate()).isPresent();
      }
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  /** Its kubelet writes that its Pods are where other Nodes are; NodeRestriction lets it. */
  @ParameterizedTest
  @ValueSource(ints = {16, 24})
  void podRangeAroundOtherNodes_hurtsNobody(int prefix, Cluster cluster) throws Exception {
    try (SimulatedKubelet honest = cluster.registeredNode();
        SimulatedKubelet neighbour = cluster.registeredNode()) {
      try (ApproverManager approver = cluster.startApprover()) {
        honest.serve(Cluster.KUBELET_PORT);
        neighbour.serve(Cluster.KUBELET_PORT);
        assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
      }
      try (Replicas replicas =
              Replicas.start(ApproverOptions.defaults(cluster.credentials(), new StringWriter()));
          SimulatedKubelet liar = liarAround(cluster, honest.address(), prefix)) {
        HonestNeighbour newcomer = HonestNeighbour.measure(cluster);
        for (int phase = 0; phase < 3; phase++) {
          rotates(honest);
          newcomer.assertServedSoon();
          cluster.operator().delete("/api/v1/nodes/" + honest.name()).orThrow("deleting its Node");
          honest.register(Cluster.KUBELET_PORT);

          rotates(honest);
          rotates(neighbour);
          replicas.next();
        }
        assertThat(liar.name()).isNotEqualTo(honest.name());
      }
    }
  }

  private static void rotates(SimulatedKubelet node) throws Exception {
    var before = node.servingCertificate().orElseThrow().getSerialNumber();
    node.rotateServing();
    assertThat(node.servingCertificate().orElseThrow().getSerialNumber()).isNotEqualTo(before);
  }

  @Test
  void freeAddressOfTheServiceRange_isHeld(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      InetAddress free = InetAddress.getByName("10.3.0.77");

      claim(attacker, free);

      assertHeld(ask(cluster, attacker, free), "SanProtectedByCluster", "ServiceCIDR");
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void externalAddressOfAService_isHeld_butNotFromWhoeverHadItBefore(Cluster cluster)
      throws Exception {
    try (ApproverManager approver =
            ApproverManager.start(
                ApproverOptions.defaults(cluster.credentials(), new StringWriter())
                    .withMetrics(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        Metrics metrics = new Metrics(approver.metricsAddress().orElseThrow().getPort());
        SimulatedKubelet honest = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      honest.serve(Cluster.KUBELET_PORT);
      InetAddress pool = InetAddress.getByName("192.0.2.80");
      ObjectNode service = JsonNodeFactory.instance.objectNode();
      service.put("apiVersion", "v1").put("kind", "Service");
      service.putObject("metadata").put("name", "shop");
      ObjectNode spec = service.putObject("spec");
      spec.putArray("ports").addObject().put("port", 80);
      spec.putArray("externalIPs")
          .add(pool.getHostAddress())
          .add(honest.address().getHostAddress());
      assertThat(metrics.value(EXTERNAL_ADDRESSES)).isEmpty();
      cluster.operator().post(SERVICES, service).orThrow("creating the Service");
      try {
        // Services and Nodes are watched apart: whoever asks before its Service is heard of was
        // first.
        eventually("the Service", () -> metrics.value(EXTERNAL_ADDRESSES).equals(Optional.of(2.0)));
        claim(attacker, pool);

        assertHeld(ask(cluster, attacker, pool), "SanProtectedByCluster", "Service default/shop");
        honest.rotateServing();
      } finally {
        cluster.operator().delete(SERVICES + "/shop");
      }
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void advertisedAddressOfTheApiServer_isHeld(Cluster cluster) throws Exception {
    try (ApproverManager approver = cluster.startApprover();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      JsonNode endpoints =
          cluster
              .operator()
              .get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes")
              .orThrow("reading where the API server is");
      InetAddress advertised =
          InetAddress.getByName(endpoints.at("/endpoints/0/addresses/0").asText());

      claim(attacker, advertised);

      assertHeld(ask(cluster, attacker, advertised), "SanProtectedByCluster", "default/kubernetes");
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void addressOfADeletedNode_isNotForWhoeverWaited_andItsNodeMayReturn(Cluster cluster)
      throws Exception {
    try (ApproverManager approver = startApprover(cluster, "ownership: {reclaim: 10m}\n");
        SimulatedKubelet victim = cluster.registeredNode();
        SimulatedKubelet attacker = cluster.registeredNode()) {
      victim.serve(Cluster.KUBELET_PORT);
      claim(attacker, victim.address());
      assertHeld(
          ask(cluster, attacker, victim.address()), "AddressOwnedByOtherNode", victim.name());

      cluster.operator().delete("/api/v1/nodes/" + victim.name()).orThrow("deleting the victim");
      eventually(
          "the address to be nobody's", () -> owner(cluster, attacker, victim.address()).isEmpty());

      assertHeld(ask(cluster, attacker, victim.address()), "AddressReserved", attacker.name());
      victim.register(Cluster.KUBELET_PORT);
      var before = victim.servingCertificate().orElseThrow().getSerialNumber();
      victim.rotateServing();
      assertThat(victim.servingCertificate().orElseThrow().getSerialNumber()).isNotEqualTo(before);
      assertHeld(
          ask(cluster, attacker, victim.address()), "AddressOwnedByOtherNode", victim.name());
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  private static void claim(SimulatedKubelet node, InetAddress address) throws Exception {
    node.writeStatus(List.of(node.address(), address), Cluster.KUBELET_PORT);
  }

  private static TrialOutcome ask(Cluster cluster, SimulatedKubelet node, InetAddress address)
      throws Exception {
    String pem =
        CsrForge.client(node.name()).withDns(node.name()).withIp(address.getHostAddress()).pem();
    return cluster.trial(node).send(pem, CsrProbe.SERVING_USAGES, OptionalInt.empty());
  }

  private static void assertHeld(TrialOutcome outcome, String reason, String... message) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            TrialOutcome.Deferred.class,
            held -> {
              assertThat(held.reason()).isEqualTo(reason);
              assertThat(held.message()).contains(message);
            });
  }

  /** The range that the controller manager gives a Node. */
  private static String podRange(Cluster cluster, String node) throws Exception {
    for (int looks = 0; looks < 600; looks++) {
      JsonNode found =
          cluster.operator().get("/api/v1/nodes/" + node).orThrow("reading Node " + node);
      if (found.at("/spec/podCIDRs/0").isTextual()) {
        return found.at("/spec/podCIDRs/0").asText();
      }
      Thread.sleep(100);
    }
    throw new AssertionError("waited a minute for a Pod range of Node " + node);
  }

  private static InetAddress ofPod(String range) throws Exception {
    byte[] bytes = InetAddress.getByName(range.substring(0, range.indexOf('/'))).getAddress();
    bytes[bytes.length - 1] = (byte) (bytes[bytes.length - 1] + 7);
    return InetAddress.getByAddress(bytes);
  }

  /** A kubelet whose Node an administrator has given Pod ranges. */
  private static SimulatedKubelet nodeWithRanges(Cluster cluster, String... ranges)
      throws Exception {
    SimulatedKubelet kubelet = cluster.newNode();
    cluster
        .operator()
        .post("/api/v1/nodes", node(kubelet.name(), ranges))
        .orThrow("creating Node " + kubelet.name());
    kubelet.bootstrap(cluster.plane().layout().bootstrapKubeconfig());
    kubelet.register(Cluster.KUBELET_PORT);
    return kubelet;
  }

  /** A kubelet that says its Pods are where other Nodes are. NodeRestriction lets it. */
  private static SimulatedKubelet liarAround(Cluster cluster, InetAddress address, int prefix)
      throws Exception {
    String range =
        IpRange.around(IpAddress.parse(address.getHostAddress()).orElseThrow(), prefix).toString();
    SimulatedKubelet kubelet = cluster.newNode();
    kubelet.bootstrap(cluster.plane().layout().bootstrapKubeconfig());
    kubelet
        .asNode()
        .post("/api/v1/nodes", node(kubelet.name(), range))
        .orThrow("creating its own Node");
    return kubelet;
  }

  private static ObjectNode node(String name, String... ranges) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("apiVersion", "v1").put("kind", "Node");
    node.putObject("metadata").put("name", name);
    List.of(ranges).forEach(node.putObject("spec").putArray("podCIDRs")::add);
    return node;
  }

  /** Whose the address is by the record; empty where it is nobody's. */
  private static List<String> owner(Cluster cluster, SimulatedKubelet node, InetAddress address)
      throws Exception {
    String out = cluster.command("node", "addresses", node.name(), "-o", "json").orThrow();
    for (JsonNode found : JSON.readTree(out).path("items")) {
      if (found.at("/address").asText().equals(address.getHostAddress())
          && !found.at("/owner").asText("").isEmpty()) {
        return List.of(found.at("/owner").asText());
      }
    }
    return List.of();
  }

  private static ApproverManager startApprover(Cluster cluster, String spec) throws Exception {
    String text =
        "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec:\n" + spec.indent(2);
    PolicyConfig config = ApprovalPolicyFile.parse(text).orThrow();
    return ApproverManager.start(
        ApproverOptions.defaults(cluster.credentials(), new StringWriter()).withPolicy(config));
  }
}
