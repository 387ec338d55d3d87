package dev.countersign.scenarios.facts;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.approver.lookup.NameResolver;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.scenarios.fixture.ChosenKubelet;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.LoopbackDns;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inventory, forward DNS and the served certificate, as the approver and csr explain see them. */
@OnControlPlane
class GatheredFactsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

  @TempDir private Path directory;

  @Test
  void inventoryInAConfigMap_holdsWhatItDoesNotKnow_untilItDoes(Cluster cluster) throws Exception {
    String policy =
        """
        inventory:
          sources:
          - name: racks
            configMap: {namespace: default, name: racks, key: nodes.yaml}
        """;
    try (SimulatedKubelet listed = cluster.registeredNode();
        SimulatedKubelet unlisted = cluster.registeredNode();
        ApproverManager approver = start(cluster, policy, NameResolver.ofSystem())) {
      ObjectNode map = inventory(listed);
      cluster.operator().post(CONFIG_MAPS, map).orThrow("creating the inventory");

      assertThat(send(cluster, listed)).isInstanceOf(TrialOutcome.Approved.class);
      assertThat(reason(send(cluster, unlisted))).isEqualTo("InventoryMissing");
      assertThat(reason(send(cluster, listed, "10.99.0.1"))).isEqualTo("SanNotNodeAddress");
      assertThat(verdict(cluster, policy, unlisted, "InventoryAgrees")).isEqualTo("violated");

      cluster
          .operator()
          .mergePatch(CONFIG_MAPS + "/racks", inventory(unlisted))
          .orThrow("changing the inventory");

      eventually("the approval", () -> isApproved(cluster, unlisted));
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    } finally {
      cluster.operator().delete(CONFIG_MAPS + "/racks");
    }
  }

  @Test
  void forwardDns_mustNameTheNode_andNobodyElse(Cluster cluster) throws Exception {
    String policy =
        """
        names:
          resolution: Required
          resolutionTimeout: 10s
        """;
    try (LoopbackDns dns = LoopbackDns.start();
        SimulatedKubelet node = cluster.registeredNode();
        ApproverManager approver =
            start(cluster, policy, NameResolver.of("127.0.0.1", dns.port()))) {
      assertThat(reason(send(cluster, node))).isEqualTo("DnsUnresolved");

      dns.resolve(node.name(), node.address().getHostAddress(), "192.0.2.77");
      assertThat(reason(send(cluster, node))).isEqualTo("DnsResolvesElsewhere");

      dns.fail(node.name());
      assertThat(reason(send(cluster, node))).isEqualTo("FactUnknown");

      dns.resolve(node.name(), node.address().getHostAddress());
      assertThat(send(cluster, node)).isInstanceOf(TrialOutcome.Approved.class);
      eventually("the approval of those that waited", () -> isApproved(cluster, node));
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void servedCertificate_withOtherNames_holdsTheRenewal_untilTheyAreTheSame(Cluster cluster)
      throws Exception {
    String policy = "renewal: {onChange: Defer}\n";
    CertificateAuthority authority = ChosenKubelet.clusterAuthority(cluster);
    try (SimulatedKubelet node = cluster.registeredNode();
        ApproverManager approver = start(cluster, policy, NameResolver.ofSystem());
        ChosenKubelet kubelet =
            ChosenKubelet.start(
                node.address(),
                ChosenKubelet.issue(
                    authority,
                    node.name(),
                    SubjectAltName.Ip.of(node.address()),
                    new SubjectAltName.Dns("elsewhere.example.com")))) {
      TrialOutcome held = send(cluster, node);
      assertThat(reason(held)).isEqualTo("SansChanged");
      assertThat(held.toString()).contains("removed [elsewhere.example.com]");
      assertThat(verdict(cluster, policy, node, "RenewalKeepsNames")).isEqualTo("violated");

      kubelet.show(
          ChosenKubelet.issue(
              authority,
              node.name(),
              SubjectAltName.Ip.of(node.address()),
              new SubjectAltName.Dns(node.name())));
      eventually("the approval", () -> isApproved(cluster, node));
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void explain_ofALiveRequest_asksDnsOnlyWhereThePolicyDoes(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String name = pendingRequest(node);
      assertThat(explained(cluster, "{}", name, "NamesResolve")).isEqualTo("off");
      // No server of any machine that tests run on knows the name, and some know no server.
      assertThat(explained(cluster, "names: {resolution: Required}\n", name, "NamesResolve"))
          .isIn("violated", "unknown");
      assertThat(explain(cluster, "names: {resolution: Required}\n", name).out())
          .doesNotContain("not looked up");
    }
  }

  private ApproverManager start(Cluster cluster, String policy, NameResolver resolver)
      throws IOException {
    return ApproverManager.start(
        ApproverOptions.defaults(cluster.credentials(), new StringWriter())
            .withPolicy(config(policy))
            .withResolver(resolver)
            .withResync(Duration.ofSeconds(1)));
  }

  private static String text(String spec) {
    return "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec:\n" + spec.indent(2);
  }

  private static PolicyConfig config(String spec) {
    return ApprovalPolicyFile.parse(text(spec)).orThrow();
  }

  private static ObjectNode inventory(SimulatedKubelet node) {
    ObjectNode map = JsonNodeFactory.instance.objectNode();
    map.put("apiVersion", "v1").put("kind", "ConfigMap");
    map.putObject("metadata").put("name", "racks");
    map.putObject("data")
        .put(
            "nodes.yaml",
            """
            apiVersion: countersign.dev/v1alpha1
            kind: Inventory
            nodes:
              %1$s:
                names: [%1$s]
                addresses: [%2$s]
            """
                .formatted(node.name(), node.address().getHostAddress()));
    return map;
  }

  private static TrialOutcome send(Cluster cluster, SimulatedKubelet node, String... more)
      throws Exception {
    CsrForge forge =
        CsrForge.client(node.name()).withDns(node.name()).withIp(node.address().getHostAddress());
    for (String address : more) {
      forge = forge.withIp(address);
    }
    return cluster.trial(node).send(forge.pem(), CsrProbe.SERVING_USAGES, OptionalInt.empty());
  }

  private static String reason(TrialOutcome outcome) {
    return outcome instanceof TrialOutcome.Deferred(String reason, String _)
        ? reason
        : outcome.toString();
  }

  /** Whether the newest request of a node is approved. */
  private static boolean isApproved(Cluster cluster, SimulatedKubelet node) throws Exception {
    boolean all = true;
    int count = 0;
    for (JsonNode request : requests(cluster, node)) {
      count++;
      all &= request.at("/status/conditions/0/type").asText().equals("Approved");
    }
    return count > 0 && all;
  }

  private static List<JsonNode> requests(Cluster cluster, SimulatedKubelet node) throws Exception {
    List<JsonNode> found = new java.util.ArrayList<>();
    for (JsonNode request :
        cluster
            .operator()
            .get("/apis/certificates.k8s.io/v1/certificatesigningrequests")
            .orThrow("listing requests")
            .path("items")) {
      if (request.at("/spec/username").asText().equals("system:node:" + node.name())
          && request.at("/spec/signerName").asText().endsWith("kubelet-serving")) {
        found.add(request);
      }
    }
    return found;
  }

  private String verdict(Cluster cluster, String policy, SimulatedKubelet node, String check)
      throws Exception {
    return explained(
        cluster, policy, requests(cluster, node).getLast().at("/metadata/name").asText(), check);
  }

  private String explained(Cluster cluster, String policy, String request, String check)
      throws Exception {
    Command command = explain(cluster, policy, request);
    for (JsonNode one : JSON.readTree(command.out()).path("checks")) {
      if (one.toString().contains("\"" + check + "\"")) {
        return one.path("verdict").asText().toLowerCase(java.util.Locale.ROOT);
      }
    }
    throw new AssertionError("no check " + check + " in " + command.out() + command.err());
  }

  private Command explain(Cluster cluster, String policy, String request) throws IOException {
    Path file = directory.resolve("policy.yaml");
    Files.writeString(file, text(policy));
    return cluster.command("csr", "explain", request, "--policy=" + file, "-o", "json");
  }

  private static String pendingRequest(SimulatedKubelet node) throws Exception {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("generateName", "to-explain-");
    ObjectNode spec = csr.putObject("spec");
    spec.put(
        "request",
        CsrForge.client(node.name())
            .withDns(node.name())
            .withIp(node.address().getHostAddress())
            .pem()
            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    spec.put("signerName", "kubernetes.io/kubelet-serving");
    CsrProbe.SERVING_USAGES.forEach(spec.putArray("usages")::add);
    return node.asNode()
        .post("/apis/certificates.k8s.io/v1/certificatesigningrequests", csr)
        .orThrow("sending")
        .at("/metadata/name")
        .asText();
  }
}
