package dev.countersign.scenarios.csr;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.render.approver.ApproverManifests;
import dev.countersign.render.approver.PolicyNeeds;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.StrictCluster;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.CsrForge;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands judge by the policy that the approver has, for both signers, and say which. */
@OnControlPlane
class PolicyInForceIT {
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final String NAMESPACE = "in-force";
  private static final String NARROW =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ApprovalPolicy
      spec:
        protected:
          ranges: [0.0.0.0/0, "::/0"]
      """;
  private static final String ELSEWHERE =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ApprovalPolicy
      spec:
        addresses:
          allowedRanges: [203.0.113.0/24]
      """;
  private static final String LISTING =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ApprovalPolicy
      spec:
        inventory:
          sources:
          - name: racks
            file: {path: /etc/countersign/racks/nodes.yaml}
          - name: management
            machines:
              namespace: prod
              kubeconfig: /etc/countersign/management/kubeconfig
      """;
  private static final String STRICT =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ApprovalPolicy
      spec:
        client: Strict
      """;
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void whatTheApproverDenies_isExplainedAsDenied_byItsConfigMap(
      Cluster cluster, @TempDir Path directory) throws Exception {
    Path policy = Files.writeString(directory.resolve("policy.yaml"), NARROW);
    String source = "ConfigMap in-force/countersign-policy, key policy.yaml";
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String name = send(node.asNode(), serving(node), "kubernetes.io/kubelet-serving");
      String byDefault = cluster.command("csr", "explain", name).out();
      assertThat(byDefault).contains("policy    built-in default").doesNotContain("deny");

      deploy(cluster, policy);
      try {
        Command explained = cluster.command("csr", "explain", name);
        assertThat(explained.status()).isEqualTo(3);
        assertThat(explained.out())
            .contains("policy    " + source, "decision  deny", "ProtectedByPolicy");
        assertThat(cluster.command("csr", "explain", name, "-n", NAMESPACE).out()).contains(source);
        JsonNode listed = item(cluster.command("csr", "list", "-o", "json").orThrow(), name);
        assertThat(listed.path("decision").asText()).isEqualTo("deny");
        assertThat(listed.path("policy").asText()).isEqualTo(source);
        assertThat(cluster.command("csr", "list").err()).contains("evaluated by " + source);
        Command refused = cluster.command("csr", "approve", name, "--reason", "I want it");
        assertThat(refused.status()).isEqualTo(3);
        assertThat(refused.err()).contains("ProtectedByPolicy", "--force");

        Path own = Files.writeString(directory.resolve("own.yaml"), STRICT);
        assertThat(cluster.command("csr", "explain", name, "--policy=" + own).out())
            .contains("policy    file " + own)
            .doesNotContain("deny");

        StringWriter log = new StringWriter();
        try (ApproverManager approver =
            ApproverManager.start(
                ApproverOptions.defaults(cluster.credentials(), new PrintWriter(log, true))
                    .withPolicy(parsed(NARROW)))) {
          eventually("the approver's verdict", () -> !conditions(cluster, name).isEmpty());
          assertThat(conditions(cluster, name)).containsExactly("ProtectedByPolicy");
          assertThat(approver).isNotNull();
        }
      } finally {
        undeploy(cluster);
      }

      Command late = cluster.command("csr", "approve", name, "--reason", "too late", "--force");
      assertThat(late.status()).isEqualTo(3);
      assertThat(late.err())
          .contains("no longer pending", "ProtectedByPolicy", "A denial is final", "asks again");
      assertThat(cluster.command("csr", "explain", name).out())
          .contains("decision  ignore", "A denial is final", "asks again", "facts of now")
          .doesNotContain("not looked up");
      assertThat(cluster.command("csr", "deny", name, "--reason", "again").err())
          .contains("A denial is final");
    }
  }

  /** What an option would admit waits for the policy, and is looked at as soon as it changes. */
  @Test
  void whatTheNextPolicyAdmits_isDeferred_andApprovedOnceItIsThere(
      Cluster cluster, @TempDir Path directory) throws Exception {
    Path policy = Files.writeString(directory.resolve("policy.yaml"), ELSEWHERE);
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String name = send(node.asNode(), serving(node), "kubernetes.io/kubelet-serving");
      deploy(cluster, policy);
      try {
        assertThat(cluster.command("csr", "explain", name).out())
            .contains("decision  defer", "IpOutsideAllowedRanges", "addresses.allowedRanges");
      } finally {
        undeploy(cluster);
      }
      try (ApproverManager approver =
          ApproverManager.start(
              ApproverOptions.defaults(
                      cluster.credentials(), new PrintWriter(new StringWriter(), true))
                  .withPolicy(parsed(ELSEWHERE)))) {
        assertThat(approver.awaitSynced(Duration.ofSeconds(30))).isTrue();
        assertThat(conditions(cluster, name)).isEmpty();
        approver.usePolicy(PolicyConfig.defaults());
        eventually("the approval", () -> !conditions(cluster, name).isEmpty());
        assertThat(conditions(cluster, name)).containsExactly("CountersignApproved");
      }
    }
  }

  /**
   * Files of the approver's container that come from ConfigMaps are read there; of the others the
   * commands say what is missing and how to give it, and judge no laxer than the approver.
   */
  @Test
  void filesThatThePolicyNames_areReadInTheCluster_orGiven(Cluster cluster, @TempDir Path directory)
      throws Exception {
    Path policy = Files.writeString(directory.resolve("policy.yaml"), LISTING);
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String name = send(node.asNode(), serving(node), "kubernetes.io/kubelet-serving");
      deploy(cluster, policy, List.of("racks/nodes.yaml"), List.of("management/kubeconfig"));
      try {
        String neither = cluster.command("csr", "explain", name).out();
        assertThat(neither)
            .contains(
                "decision  defer",
                "give a copy of the approver's /etc/countersign/racks/nodes.yaml: --policy-files"
                    + " DIR, with DIR/racks/nodes.yaml")
            .doesNotContain("cannot be read");
        Command refused = cluster.command("csr", "approve", name, "--reason", "I know it");
        assertThat(refused.status()).isEqualTo(3);
        assertThat(refused.err()).contains("FactUnknown", "warning", "nodes.yaml", "--force");
        assertThat(cluster.command("csr", "list").err()).contains("warning", "nodes.yaml");

        ObjectNode files = JsonNodeFactory.instance.objectNode();
        files.put("apiVersion", "v1").put("kind", "ConfigMap");
        files.putObject("metadata").put("name", "countersign-files");
        files.putObject("data").put("racks-nodes.yaml", inventoryOf(node));
        cluster.operator().post(CONFIG_MAPS, files).orThrow("writing");
        // The first source now knows the Node, so the kubeconfig is of no weight.
        assertThat(cluster.command("csr", "explain", name).out())
            .contains("decision  approve for node " + node.name())
            .containsPattern("ok +cluster +InventoryAgrees");

        Path copies = Files.createDirectories(directory.resolve("copies/racks"));
        Files.writeString(
            copies.resolve("nodes.yaml"),
            inventoryOf(node).replace(node.address().getHostAddress(), "192.0.2.77"));
        String given = "--policy-files=" + directory.resolve("copies");
        assertThat(cluster.command("csr", "explain", name, given).out())
            .contains("decision  defer", "InventoryMismatch");
        assertThat(cluster.command("csr", "explain", name, "--policy-files=" + policy).err())
            .contains("which is no directory");
      } finally {
        cluster.operator().delete(CONFIG_MAPS + "/countersign-files");
        undeploy(cluster);
      }
    }
  }

  private static String inventoryOf(SimulatedKubelet node) {
    return """
    apiVersion: countersign.dev/v1alpha1
    kind: Inventory
    nodes:
      %s:
        names: [%s]
        addresses: [%s]
    """
        .formatted(node.name(), node.name(), node.address().getHostAddress());
  }

  @Test
  void brokenPolicy_isNoOther(Cluster cluster, @TempDir Path directory) throws Exception {
    deploy(cluster, Files.writeString(directory.resolve("policy.yaml"), NARROW));
    try {
      ObjectNode data = JsonNodeFactory.instance.objectNode();
      data.put("apiVersion", "v1").put("kind", "ConfigMap");
      data.putObject("metadata").put("name", "countersign-policy").put("namespace", NAMESPACE);
      data.putObject("data").put("policy.yaml", NARROW.replace("protected", "protectet"));
      cluster.operator().put(CONFIG_MAPS + "/countersign-policy", data).orThrow("writing");

      Command refused = cluster.command("csr", "list");
      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.err())
          .contains("ConfigMap in-force/countersign-policy, key policy.yaml", "protectet");
    } finally {
      undeploy(cluster);
    }
  }

  @Test
  void clientCertificate_withoutStrictJoin_isKubeControllerManagers(Cluster cluster)
      throws Exception {
    String name =
        send(
            cluster.operator(),
            // kube-controller-manager leaves it alone: no client's request has a name of its own
            CsrForge.client("by-hand-1").withDns("by-hand-1"),
            "kubernetes.io/kube-apiserver-client-kubelet");

    Command explained = cluster.command("csr", "explain", name);
    assertThat(explained.status()).isEqualTo(3);
    assertThat(explained.out())
        .contains(
            "decision  ignore, because strict join is off, so kube-controller-manager decides",
            "it leaves it pending for its form",
            "AlternativeNames",
            "ok        cluster  NodeClient");
    JsonNode listed = item(cluster.command("csr", "list", "-o", "json").orThrow(), name);
    assertThat(listed.path("signerName").asText())
        .isEqualTo("kubernetes.io/kube-apiserver-client-kubelet");
    assertThat(cluster.command("csr", "approve", name, "--reason", "x").err())
        .contains("AlternativeNames", "--force");
    cluster.command("csr", "deny", name, "--reason", "no name belongs there").orThrow();
    assertThat(conditions(cluster, name)).containsExactly("CountersignByHand");
  }

  @Test
  void heldJoin_isListedExplainedAndApproved_asStrictJoinWouldHaveIt(
      StrictCluster strict, @TempDir Path directory) throws Exception {
    Cluster cluster = strict.cluster();
    Path policy = Files.writeString(directory.resolve("policy.yaml"), STRICT);
    Path inventory =
        Files.writeString(
            directory.resolve("inventory.yaml"),
            """
            apiVersion: countersign.dev/v1alpha1
            kind: Inventory
            nodes:
              held-1: {}
            """);
    String by = "--policy=" + policy;
    String listing = "--join-inventory=" + inventory;
    String client = "kubernetes.io/kube-apiserver-client-kubelet";
    Path token = strict.token(directory, "held-*", "--uses", "5", "--require-inventory");
    try (ApiConnection bearer = new ApiConnection(ClientConfig.read(token))) {
      String known = send(bearer, CsrForge.client("held-1"), client);
      String unknown = send(bearer, CsrForge.client("held-2"), client);
      String wrong = send(bearer, CsrForge.client("elsewhere"), client);

      assertThat(cluster.command("csr", "explain", known, by).out())
          .contains("decision  defer", "FactUnknown", "no inventory is configured");
      assertThat(cluster.command("csr", "explain", known, by, listing).orThrow())
          .contains("decision  approve for node held-1", "ok        cluster  NodeIsListed");
      assertThat(cluster.command("csr", "explain", unknown, by, listing).out())
          .contains("decision  defer", "NotInInventory");
      assertThat(cluster.command("csr", "explain", wrong, by, listing).out())
          .contains("decision  deny", "TokenNotForNode");
      String list = cluster.command("csr", "list", by, listing).orThrow();
      assertThat(list)
          .containsPattern(known + " +kube-apiserver-client-kubelet +\\S+ +\\S+ +Pending +approve")
          .containsPattern(unknown + " .* defer +NotInInventory")
          .containsPattern(wrong + " .* deny +TokenNotForNode");

      Command refused = cluster.command("csr", "approve", unknown, "--reason", "x", by, listing);
      assertThat(refused.status()).isEqualTo(3);
      assertThat(refused.err()).contains("NotInInventory", "--force");
      cluster.command("csr", "approve", known, "--reason", "seen", by, listing).orThrow();
      assertThat(conditions(cluster, known)).containsExactly("CountersignByHand");
      cluster.command("csr", "deny", wrong, "--reason", "not ours", by).orThrow();
      assertThat(conditions(cluster, wrong)).containsExactly("CountersignByHand");
      assertThat(cluster.command("csr", "explain", wrong, by).out())
          .contains(
              "decision  ignore, because it is approved or denied already",
              "kubectl delete csr " + wrong)
          .containsPattern("VIOLATED +cluster +TokenIsForNode")
          .doesNotContain("SansAreAllowed", "not looked up");

      String files =
          files(
              cluster,
              directory,
              unknown,
              "/api/v1/nodes",
              "/api/v1/services",
              "/api/v1/namespaces/countersign-join/configmaps",
              "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases");
      assertThat(
              cluster
                  .command(
                      "csr",
                      "explain",
                      "-f",
                      directory.resolve("request.json").toString(),
                      "--facts",
                      files,
                      by,
                      listing)
                  .out())
          .contains("decision  defer", "NotInInventory");
    }
  }

  private static String files(Cluster cluster, Path directory, String request, String... paths)
      throws Exception {
    Files.writeString(
        directory.resolve("request.json"),
        cluster.operator().get(REQUESTS + "/" + request).orThrow("reading").toString());
    StringBuilder facts = new StringBuilder();
    for (String path : paths) {
      facts.append(cluster.operator().get(path).orThrow("reading").toString()).append('\n');
    }
    return Files.writeString(directory.resolve("facts.json"), facts).toString();
  }

  private static final String CONFIG_MAPS = "/api/v1/namespaces/" + NAMESPACE + "/configmaps";
  private static final String DEPLOYMENTS =
      "/apis/apps/v1/namespaces/" + NAMESPACE + "/deployments";

  /** The ConfigMap and the Deployment as {@code manifests} prints them; a namespace around them. */
  private static void deploy(Cluster cluster, Path policy) throws Exception {
    deploy(cluster, policy, List.of(), List.of());
  }

  private static void deploy(
      Cluster cluster, Path policy, List<String> configMapFiles, List<String> secretFiles)
      throws Exception {
    ObjectNode namespace = JsonNodeFactory.instance.objectNode();
    namespace.put("apiVersion", "v1").put("kind", "Namespace");
    namespace.putObject("metadata").put("name", NAMESPACE);
    cluster.operator().post("/api/v1/namespaces", namespace);
    String text =
        ApproverManifests.stream(
            ApproverDeployment.defaults()
                .inNamespace(NAMESPACE)
                .withPolicy(
                    Files.readString(policy),
                    new PolicyNeeds(
                        false,
                        false,
                        OptionalInt.of(10250),
                        List.of(),
                        List.of(),
                        List.of(),
                        configMapFiles,
                        secretFiles)));
    try (var documents = YAMLMapper.builder().build().readerFor(JsonNode.class).readValues(text)) {
      while (documents.hasNext()) {
        JsonNode object = (JsonNode) documents.next();
        switch (object.path("kind").asText()) {
          case "ConfigMap" -> cluster.operator().post(CONFIG_MAPS, object).orThrow("writing");
          case "Deployment" -> cluster.operator().post(DEPLOYMENTS, object).orThrow("writing");
          default -> {}
        }
      }
    }
  }

  private static void undeploy(Cluster cluster) throws Exception {
    cluster.operator().delete(DEPLOYMENTS + "/countersign-approver").orThrow("deleting");
    cluster.operator().delete(CONFIG_MAPS + "/countersign-policy").orThrow("deleting");
  }

  private static PolicyConfig parsed(String text) {
    return ApprovalPolicyFile.parse(text).orThrow();
  }

  private static CsrForge serving(SimulatedKubelet node) {
    return CsrForge.client(node.name())
        .withDns(node.name())
        .withIp(node.address().getHostAddress());
  }

  private static String send(ApiConnection by, CsrForge forge, String signer) throws Exception {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("generateName", "in-force-");
    ObjectNode spec = csr.putObject("spec");
    spec.put(
        "request",
        Base64.getEncoder().encodeToString(forge.pem().getBytes(StandardCharsets.US_ASCII)));
    spec.put("signerName", signer);
    List.of("digital signature", signer.endsWith("serving") ? "server auth" : "client auth")
        .forEach(spec.putArray("usages")::add);
    return by.post(REQUESTS, csr).orThrow("sending").at("/metadata/name").asText();
  }

  private static JsonNode item(String list, String name) throws Exception {
    return StreamSupport.stream(JSON.readTree(list).path("items").spliterator(), false)
        .filter(item -> item.path("name").asText().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + list));
  }

  private static List<String> conditions(Cluster cluster, String name) throws Exception {
    return StreamSupport.stream(
            cluster
                .operator()
                .get(REQUESTS + "/" + name)
                .orThrow("reading " + name)
                .at("/status/conditions")
                .spliterator(),
            false)
        .map(condition -> condition.path("reason").asText())
        .toList();
  }
}
