package dev.countersign.scenarios.csr;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.OnOwnControlPlane;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testkit.CsrForge;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person lists, has explained, approves and denies; no approver runs. */
@OnOwnControlPlane
class CsrCommandsIT {
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void honestRequest_isListedExplainedAndApproved(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String name = send(node, honest(node));

      assertThat(cluster.command("csr", "list").orThrow())
          .containsPattern(name + " +kubelet-serving +system:node:" + node.name() + " .*");
      JsonNode listed = listed(cluster, name);
      assertThat(listed.at("/requestor").asText()).isEqualTo("system:node:" + node.name());
      assertThat(listed.at("/ageSeconds").asInt()).isNotNegative();

      Command explained = cluster.command("csr", "explain", name, "-o", "json");
      assertThat(JSON.readTree(explained.out()).toString()).contains("SansBelongToNode");
      assertThat(cluster.command("csr", "explain", name, "-o", "yaml").out()).contains("decision");

      Command approved =
          cluster.command("csr", "approve", name, "--reason", "seen in the rack by Ada");
      assertThat(approved.orThrow()).contains(name + " approved");
      assertThat(condition(cluster, name, "/type")).isEqualTo("Approved");
      assertThat(condition(cluster, name, "/reason")).isEqualTo("CountersignByHand");
      assertThat(condition(cluster, name, "/message"))
          .contains("kubernetes-admin", "seen in the rack by Ada");
      assertThat(cluster.command("csr", "approve", name, "--reason", "again").status())
          .isEqualTo(3);
    }
  }

  @Test
  void whereTheServerDoesNotShowItsCertificate_itIsSaid(Cluster cluster, @TempDir Path directory)
      throws Exception {
    String unseen = "got no certificate of the API server itself";
    String trusting = Files.readString(cluster.plane().layout().adminKubeconfig());
    Path insecure =
        Files.writeString(
            directory.resolve("insecure.conf"),
            trusting.replaceAll(
                "certificate-authority(-data)?: *\\S+", "insecure-skip-tls-verify: true"));
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String name = send(node, honest(node));

      assertThat(cluster.command("csr", "list").err()).doesNotContain(unseen);
      assertThat(cluster.command("csr", "explain", name).err()).doesNotContain(unseen);
      assertThat(cluster.commandBy(insecure, "csr", "list").err()).contains(unseen);
      assertThat(cluster.commandBy(insecure, "csr", "explain", name).err()).contains(unseen);

      Command denied = cluster.commandBy(insecure, "csr", "deny", name, "--reason", "not ours");
      assertThat(denied.status()).isZero();
      assertThat(denied.err()).contains(unseen);
    }
  }

  @Test
  void violationInTheRequest_isNotApprovedWithoutForce(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String name = send(node, honest(node).withUri("spiffe://cluster/node"));

      assertThat(cluster.command("csr", "explain", name).status()).isEqualTo(3);
      assertThat(listed(cluster, name).at("/decision").asText().toLowerCase(java.util.Locale.ROOT))
          .contains("deny");
      Command refused = cluster.command("csr", "approve", name, "--reason", "I want it");
      assertThat(refused.status()).isEqualTo(3);
      assertThat(refused.err()).contains("--force");
      assertThat(condition(cluster, name, "/type")).isEmpty();

      cluster.command("csr", "approve", name, "--reason", "I want it", "--force").orThrow();
      assertThat(condition(cluster, name, "/reason")).isEqualTo("CountersignForced");
    }
  }

  @Test
  void addressOfAnotherNode_isNotApprovedWithoutForce(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode();
        SimulatedKubelet other = cluster.registeredNode()) {
      String name = send(node, honest(node).withIp(other.address().getHostAddress()));

      Command refused = cluster.command("csr", "approve", name, "--reason", "I want it");
      assertThat(refused.status()).isEqualTo(3);
      assertThat(refused.err()).contains("SanNotNodeAddress", "--force");
      assertThat(condition(cluster, name, "/type")).isEmpty();

      cluster.command("csr", "approve", name, "--reason", "I want it", "--force").orThrow();
      assertThat(condition(cluster, name, "/reason")).isEqualTo("CountersignForced");
    }
  }

  @Test
  void request_isDeniedWithWhoAndWhy(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String name = send(node, honest(node));

      assertThat(cluster.command("csr", "deny", name).status()).isEqualTo(2);
      assertThat(cluster.command("csr", "deny", name, "--reason", " ").status()).isEqualTo(2);
      cluster.command("csr", "deny", name, "--reason", "not our machine").orThrow();

      assertThat(condition(cluster, name, "/type")).isEqualTo("Denied");
      assertThat(condition(cluster, name, "/message"))
          .contains("kubernetes-admin", "not our machine");
      assertThat(cluster.command("csr", "list", "-o", "json").orThrow()).doesNotContain(name);
    }
  }

  @Test
  void accessReview_isAskedForLive_andTakenFromAFileOffline(
      Cluster cluster, @TempDir Path directory) throws Exception {
    Path policy = directory.resolve("policy.yaml");
    Files.writeString(
        policy,
        """
        apiVersion: countersign.dev/v1alpha1
        kind: ApprovalPolicy
        spec:
          subjectAccessReview:
            verb: create
            group: certificates.k8s.io
            resource: nosuchthings
        """);
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String name = send(node, honest(node));
      String flag = "--policy=" + policy;

      Command live = cluster.command("csr", "explain", name, flag, "-o", "json");
      assertThat(verdict(live, "RequestorHasAccess")).isEqualToIgnoringCase("violated");

      String request = cluster.operator().get(REQUESTS + "/" + name).orThrow("reading").toString();
      Path facts = directory.resolve("facts.yaml");
      Files.writeString(
          facts,
          cluster.operator().get("/api/v1/nodes").orThrow("reading Nodes").toString()
              + "\n---\n"
              + cluster.operator().get("/api/v1/services").orThrow("reading Services"));
      String[] offline = {
        "csr", "explain", "-f", "-", "--facts", facts.toString(), flag, "-o", "json"
      };
      assertThat(verdict(cluster.commandWith(request, offline), "RequestorHasAccess"))
          .isEqualToIgnoringCase("unknown");
      Files.writeString(
          facts,
          "\n---\n"
              + "{kind: SubjectAccessReview, spec: {user: 'system:node:"
              + node.name()
              + "'}, status: {allowed: true}}",
          java.nio.file.StandardOpenOption.APPEND);
      assertThat(verdict(cluster.commandWith(request, offline), "RequestorHasAccess"))
          .isEqualToIgnoringCase("passed");
    }
  }

  @Test
  void bareRequest_onStandardInput_isExplainedWithoutACluster(Cluster cluster) {
    Command explained =
        cluster.commandWith(
            CsrForge.client("worker-1").withDns("worker-1").pem(), "csr", "explain", "-f", "-");
    assertThat(explained.status()).isEqualTo(3);
    assertThat(explained.out()).contains("SansBelongToNode");
    assertThat(cluster.commandWith("nonsense", "csr", "explain", "-f", "-").status()).isEqualTo(2);
    assertThat(cluster.command("csr", "explain").status()).isEqualTo(2);
  }

  @Test
  void unknownRequest_isAWrongWord(Cluster cluster) {
    for (String[] words :
        new String[][] {
          {"csr", "explain", "no-such-request"},
          {"csr", "approve", "no-such-request", "--reason", "x"},
          {"csr", "deny", "no-such-request", "--reason", "x"}
        }) {
      Command missing = cluster.command(words);
      assertThat(missing.status()).isEqualTo(2);
      assertThat(missing.err())
          .startsWith("error: NAME: got no-such-request; want the name of a request");
    }
  }

  @Test
  void list_takesWhatKubectlGetTakes(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String waiting = send(node, honest(node));
      String denied = send(node, honest(node).withUri("spiffe://a/b"));
      cluster.command("csr", "deny", denied, "--reason", "not ours").orThrow();
      cluster
          .operator()
          .mergePatch(
              REQUESTS + "/" + waiting,
              JSON.readTree("{\"metadata\": {\"labels\": {\"seen\": \"by-ada\"}}}"))
          .orThrow("labelling");

      String kubectl = "certificatesigningrequest.certificates.k8s.io/";
      assertThat(list(cluster, "-o", "name", "-l", "seen=by-ada"))
          .isEqualTo(kubectl + waiting + "\n");
      assertThat(list(cluster, "-o", "name", "--all"))
          .contains(kubectl + waiting + "\n", kubectl + denied + "\n");
      assertThat(list(cluster, "--all", "--no-headers", "-o", "wide"))
          .doesNotContain("NAME")
          .containsPattern(denied + " .* Denied +- ")
          .containsPattern(waiting + " .* Pending +approve +- +" + node.name() + ",");
      assertThat(
              list(
                  cluster,
                  "--all",
                  "--sort-by=.metadata.creationTimestamp",
                  "-o",
                  "jsonpath={range .items[*]}{.metadata.name}={.condition} {end}"))
          .contains(waiting + "=Pending ", denied + "=Denied ");
      assertThat(list(cluster, "-l", "seen", "-o", "custom-columns=BY:.metadata.labels.seen"))
          .isEqualTo("BY\nby-ada\n");
      assertThat(cluster.command("csr", "list", "-l", "!!").status()).isEqualTo(2);
      assertThat(JSON.readTree(list(cluster, "-o", "json")).path("kind").asText())
          .isEqualTo("List");
    }
  }

  @Test
  void watch_printsWhatIsAddedAndWhatChanges(Cluster cluster) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (SimulatedKubelet node = cluster.registeredNode()) {
      Thread watch =
          Thread.ofPlatform()
              .start(
                  () ->
                      Countersign.run(
                          Console.plain(out, err),
                          "csr",
                          "list",
                          "-w",
                          "-o",
                          "jsonpath={.metadata.name}={.condition};",
                          "--kubeconfig=" + cluster.plane().layout().adminKubeconfig()));
      try {
        String name = send(node, honest(node));
        eventually(
            "the request", () -> out.toString(StandardCharsets.UTF_8).contains(name + "=Pending;"));
        cluster.command("csr", "approve", name, "--reason", "seen").orThrow();
        eventually(
            "its approval",
            () -> out.toString(StandardCharsets.UTF_8).contains(name + "=Approved"));
      } finally {
        watch.interrupt();
        watch.join(Duration.ofSeconds(10));
      }
      assertThat(watch.isAlive()).isFalse();
    }
  }

  @Test
  void as_isWhoTheApiServerSees(Cluster cluster) throws Exception {
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String name = send(node, honest(node));

      Command nobody = cluster.command("csr", "list", "--as", "nobody");
      assertThat(nobody.status()).isEqualTo(1);
      assertThat(nobody.err()).contains("403", "nobody");
      cluster
          .command("csr", "deny", name, "--reason", "x", "--as=ada", "--as-group=system:masters")
          .orThrow();
      assertThat(condition(cluster, name, "/message")).contains("by hand, as ada: x");
      assertThat(cluster.command("csr", "list", "--as-group=x").status()).isEqualTo(2);
    }
  }

  @Test
  void policyCheck_showsWhatAnotherPolicyWouldDecide(Cluster cluster, @TempDir Path directory)
      throws Exception {
    Path same =
        Files.writeString(
            directory.resolve("same.yaml"),
            "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec: {}\n");
    Path stricter =
        Files.writeString(
            directory.resolve("stricter.yaml"),
            Files.readString(same)
                .replace("{}", "{names: {allowedPatterns: ['*.nowhere.example']}}"));
    try (SimulatedKubelet node = cluster.registeredNode()) {
      String waiting = send(node, honest(node));
      String approved = send(node, honest(node));
      cluster.command("csr", "approve", approved, "--reason", "seen").orThrow();

      assertThat(cluster.command("policy", "check", same.toString(), "--live", "-o", "name").out())
          .doesNotContain(waiting, approved);
      Command checked =
          cluster.command("policy", "check", stricter.toString(), "--live", "--no-headers");
      assertThat(checked.status()).isEqualTo(3);
      assertThat(checked.out())
          .containsPattern(waiting + " .* approve +defer +DnsOutsideAllowedPatterns")
          .containsPattern(approved + " .* approve .decided. +defer +DnsOutsideAllowedPatterns");
      assertThat(checked.err()).contains(" no longer approved, ");
      assertThat(condition(cluster, waiting, "/type")).isEmpty();
    }
  }

  private static String list(Cluster cluster, String... words) {
    return cluster
        .command(Stream.concat(Stream.of("csr", "list"), Stream.of(words)).toArray(String[]::new))
        .orThrow();
  }

  private static CsrForge honest(SimulatedKubelet node) {
    return CsrForge.client(node.name())
        .withDns(node.name())
        .withIp(node.address().getHostAddress());
  }

  private static String send(SimulatedKubelet node, CsrForge forge) throws Exception {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("generateName", "by-hand-");
    ObjectNode spec = csr.putObject("spec");
    spec.put(
        "request",
        Base64.getEncoder().encodeToString(forge.pem().getBytes(StandardCharsets.US_ASCII)));
    spec.put("signerName", "kubernetes.io/kubelet-serving");
    CsrProbe.SERVING_USAGES.forEach(spec.putArray("usages")::add);
    return node.asNode().post(REQUESTS, csr).orThrow("sending").at("/metadata/name").asText();
  }

  private static JsonNode listed(Cluster cluster, String name) throws Exception {
    for (JsonNode item :
        JSON.readTree(cluster.command("csr", "list", "-o", "json").orThrow()).path("items")) {
      if (item.at("/name").asText().equals(name)) {
        return item;
      }
    }
    throw new AssertionError(name + " is not listed");
  }

  private static String verdict(Command command, String check) throws Exception {
    for (JsonNode one : JSON.readTree(command.out()).path("checks")) {
      if (one.toString().contains("\"" + check + "\"")) {
        return one.path("verdict").asText();
      }
    }
    throw new AssertionError("no check " + check + " in " + command.out() + command.err());
  }

  private static String condition(Cluster cluster, String name, String field) throws Exception {
    return cluster
        .operator()
        .get(REQUESTS + "/" + name)
        .orThrow("reading " + name)
        .at("/status/conditions/0" + field)
        .asText();
  }
}
