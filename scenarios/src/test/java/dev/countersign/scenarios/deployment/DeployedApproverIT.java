package dev.countersign.scenarios.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import dev.countersign.common.name.IpAddress;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.render.approver.ApproverManifests;
import dev.countersign.render.approver.PolicyNeeds;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.Kubectl;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.testbed.api.Answer;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.x509.authority.RequestSigner;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The approver as deployed: every object accepted by a real API server, its own service account's
 * token, and an audit log that shows that no right is missing and none is idle.
 */
@OnControlPlane
class DeployedApproverIT {
  private static final String NAMESPACE = ApproverDeployment.DEFAULT_NAMESPACE;
  private static final String USER = "system:serviceaccount:" + NAMESPACE + ":countersign-approver";
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final String JOIN_BINDING =
      "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/bootstrap-approve-new";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String POLICY =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ApprovalPolicy
      spec:
        subjectAccessReview:
          mode: Required
      """;

  /** Not all that this policy needs: its test uses every right. */
  private static final PolicyNeeds NEEDS =
      new PolicyNeeds(
          true,
          false,
          OptionalInt.of(10250),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of());

  /** Everything switched on. */
  private static final ApproverDeployment MOST =
      ApproverDeployment.defaults().withReplicas(2).withStrictJoin().withPolicy(POLICY, NEEDS);

  @TempDir private Path directory = Path.of(".");

  @Test
  void overlays_areWhatTheCommandPrints(Cluster cluster) throws Exception {
    ApproverDeployment defaults = ApproverDeployment.defaults();
    assertThat(kustomize(cluster, "../deploy/kustomize/base")).isEqualTo(objects(defaults));
    assertThat(kustomize(cluster, "../deploy/kustomize/overlays/ha"))
        .isEqualTo(objects(defaults.withReplicas(2)));
    Path both = Files.createDirectory(directory.resolve("both"));
    String deploy = both.toRealPath().relativize(Path.of("../deploy/kustomize").toRealPath()) + "/";
    Files.writeString(
        both.resolve("kustomization.yaml"),
        """
        resources: [%1$soverlays/ha]
        components:
        - %1$scomponents/strict-join
        - %1$scomponents/metrics-secure
        - %1$scomponents/host-network
        - %1$scomponents/openshift
        - %1$scomponents/node-certificate-metrics
        """
            .formatted(deploy));
    assertThat(kustomize(cluster, both.toString()))
        .isEqualTo(
            ManifestObjects.parse(
                Command.run(
                        "manifests",
                        "--ha",
                        "--strict-join",
                        "--metrics-secure",
                        "--host-network",
                        "--openshift",
                        "--node-certificate-metrics=500")
                    .orThrow()));
  }

  @Test
  void componentOfAPolicy_isWhatTheCommandPrintsForIt(Cluster cluster) throws Exception {
    List<String> options =
        List.of(
            "--policy=../examples/policies/everything.yaml",
            "--api-server=api.example.com:7443",
            "--api-server-port=8443",
            "--image-pull-secret=registry",
            "--node-certificate-metrics=100");
    Path component = directory.resolve("policy");
    List<String> command = new ArrayList<>(List.of("manifests", "--component"));
    command.add("--out=" + component);
    command.addAll(options);
    Command.run(command.toArray(String[]::new)).orThrow();
    for (String base : List.of("base", "overlays/ha")) {
      Path own = Files.createDirectory(directory.resolve(base.replace('/', '-')));
      Path from = Path.of("../deploy/kustomize", base).toRealPath();
      Files.writeString(
          own.resolve("kustomization.yaml"),
          """
          resources: [%s]
          components: [../policy]
          """
              .formatted(own.toRealPath().relativize(from)));
      List<String> words = new ArrayList<>(List.of("manifests"));
      words.addAll(options);
      if (base.endsWith("ha")) {
        words.add("--ha");
      }
      assertThat(kustomize(cluster, own.toString()))
          .isEqualTo(ManifestObjects.parse(Command.run(words.toArray(String[]::new)).orThrow()));
    }
  }

  private static Map<String, Map<?, ?>> kustomize(Cluster cluster, String directory)
      throws IOException, InterruptedException {
    return ManifestObjects.parse(Kubectl.get(cluster, "kustomize", directory));
  }

  private static SequencedMap<String, Map<?, ?>> objects(ApproverDeployment deployment) {
    return ManifestObjects.parse(ApproverManifests.stream(deployment));
  }

  @Test
  void serviceAccount_usesEveryRight_andNoneBeyond(Cluster cluster) throws Exception {
    List<Grant> grants = Grant.of(objects(MOST).values());
    for (Grant grant : grants) {
      assertThat(may(cluster, grant)).as("before: %s", grant).isFalse();
    }
    JsonNode binding = cluster.operator().get(JOIN_BINDING).orThrow("reading a binding");
    try (SimulatedKubelet first = cluster.registeredNode();
        SimulatedKubelet second = cluster.registeredNode();
        SimulatedKubelet joining = cluster.newNode()) {
      accepted(cluster);
      for (Grant grant : grants) {
        assertThat(may(cluster, grant)).as("after: %s", grant).isTrue();
      }
      nothingBeyond(cluster);

      // From here on only strict join lets nodes in.
      cluster.operator().delete(JOIN_BINDING).orThrow("deleting a binding");
      try (ApproverPod approver = ApproverPod.start(cluster, directory.resolve("pod"))) {
        eventually("ready", approver, () -> approver.probe("readinessProbe") == 200);
        assertThat(approver.probe("livenessProbe")).isEqualTo(200);

        first.serve(Cluster.KUBELET_PORT);
        second.serve(Cluster.KUBELET_PORT);
        assertThat(steal(cluster, first, second))
            .isInstanceOfAny(TrialOutcome.Denied.class, TrialOutcome.Deferred.class);
        join(cluster, approver, joining);
        conflictOverARequest(cluster, approver, first);
        conflictOverARecord(cluster, approver, second);

        List<AuditLog.Request> requests = AuditLog.requests(cluster.auditLog(), USER);
        eachIsAllowedByOneGrantAlone(grants, requests);
        everyGrantIsUsed(grants, requests);
        withoutApproveNothingIsApproved(cluster, approver, first);
        oneLinePerDecision(approver);
        assertThat(approver.end()).as("status after SIGTERM").isZero();
        assertThat(approver.log()).last().asString().contains("stopped");
      }
    } finally {
      ((ObjectNode) binding.path("metadata")).remove(List.of("resourceVersion", "uid"));
      cluster
          .operator()
          .post(JOIN_BINDING.substring(0, JOIN_BINDING.lastIndexOf('/')), binding)
          .orThrow("restoring a binding");
      Kubectl.run(
          cluster,
          ApproverManifests.stream(MOST),
          "delete",
          "--ignore-not-found",
          "--wait=false",
          "-f",
          "-");
    }
  }

  /** Server-side, strictly, and without a warning, of Pod Security above all. */
  private static void accepted(Cluster cluster) throws Exception {
    Ran applied =
        Kubectl.run(
            cluster,
            ApproverManifests.stream(MOST),
            "apply",
            "--server-side",
            "--validate=strict",
            "-f",
            "-");
    assertThat(applied.orThrow()).contains("deployment.apps/countersign-approver");
    assertThat(applied.err()).isEmpty();

    Map<?, ?> deployment =
        Objects.requireNonNull(
            objects(MOST).get("Deployment " + NAMESPACE + "/countersign-approver"));
    Map<?, ?> template = ManifestObjects.mapAt(deployment, "spec", "template");
    ObjectNode pod = JSON.valueToTree(template);
    pod.put("apiVersion", "v1").put("kind", "Pod");
    ((ObjectNode) pod.path("metadata")).put("name", "trial").put("namespace", NAMESPACE);
    Ran created =
        Kubectl.run(
            cluster, pod.toString(), "create", "--dry-run=server", "--validate=strict", "-f", "-");
    assertThat(created.orThrow()).contains("pod/trial created");
    assertThat(created.err()).isEmpty();

    // The same with one thing that `restricted` forbids shows that it is in force.
    ((ObjectNode) pod.path("spec")).put("hostNetwork", true);
    Ran refused = Kubectl.run(cluster, pod.toString(), "create", "--dry-run=server", "-f", "-");
    assertThat(refused.err()).contains("violates PodSecurity \"restricted");
  }

  private static boolean may(Cluster cluster, Grant grant)
      throws IOException, InterruptedException {
    ObjectNode review = JSON.createObjectNode();
    review.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SubjectAccessReview");
    ObjectNode spec = review.putObject("spec").put("user", USER);
    spec.putArray("groups")
        .add("system:serviceaccounts")
        .add("system:serviceaccounts:" + NAMESPACE)
        .add("system:authenticated");
    String[] parts = grant.resource().split("/", 2);
    ObjectNode attributes = spec.putObject("resourceAttributes");
    attributes.put("group", grant.group()).put("resource", parts[0]).put("verb", grant.verb());
    if (parts.length > 1) {
      attributes.put("subresource", parts[1]);
    }
    if (!grant.namespace().isEmpty()) {
      attributes.put("namespace", grant.namespace());
    }
    if (!grant.names().isEmpty()) {
      attributes.put("name", grant.names().getFirst());
    }
    return cluster
        .operator()
        .post("/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
        .orThrow("asking for access")
        .at("/status/allowed")
        .asBoolean();
  }

  /** What must never come with the rest. */
  private static void nothingBeyond(Cluster cluster) throws IOException, InterruptedException {
    for (Grant never :
        List.of(
            new Grant(
                "",
                "certificates.k8s.io",
                "signers",
                "approve",
                List.of("kubernetes.io/kube-apiserver-client")),
            new Grant("", "certificates.k8s.io", "signers", "sign", List.of()),
            new Grant(NAMESPACE, "", "configmaps", "update", List.of("countersign-policy")),
            new Grant("kube-system", "", "configmaps", "get", List.of()),
            new Grant(NAMESPACE, "", "secrets", "get", List.of()),
            new Grant(NAMESPACE, "coordination.k8s.io", "leases", "update", List.of("other")),
            new Grant("", "", "nodes", "update", List.of()))) {
      assertThat(may(cluster, never)).as("never: %s", never).isFalse();
    }
  }

  /** A request of one node for the address of another. */
  private static TrialOutcome steal(
      Cluster cluster, SimulatedKubelet thief, SimulatedKubelet victim) throws Exception {
    return cluster
        .trial(thief)
        .send(pem(thief, victim.address()), CsrProbe.SERVING_USAGES, OptionalInt.empty());
  }

  private static String pem(SimulatedKubelet node, InetAddress address) throws Exception {
    SecureRandom random = new SecureRandom();
    return RequestSigner.kubeletServing(
            node.name(),
            List.of(new SubjectAltName.Dns(node.name()), SubjectAltName.Ip.of(address)),
            KeyPair.generate(KeySpec.ECDSA_P256, random),
            random)
        .toPem();
  }

  private static String create(SimulatedKubelet node) throws Exception {
    ObjectNode csr = JSON.createObjectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("generateName", "deployed-");
    ObjectNode spec = csr.putObject("spec").put("signerName", "kubernetes.io/kubelet-serving");
    spec.put(
        "request",
        Base64.getEncoder()
            .encodeToString(pem(node, node.address()).getBytes(StandardCharsets.US_ASCII)));
    spec.putArray("usages").add("digital signature").add("server auth");
    return node.asNode()
        .post(REQUESTS, csr)
        .orThrow("creating a request")
        .at("/metadata/name")
        .asText();
  }

  private static boolean approved(Cluster cluster, String name)
      throws IOException, InterruptedException {
    return cluster
        .operator()
        .get(REQUESTS + "/" + name)
        .orThrow("reading a request")
        .at("/status/conditions")
        .findValuesAsText("type")
        .contains("Approved");
  }

  /** Joins with a token of its own, and tries again while it is there, which is looked into. */
  private void join(Cluster cluster, ApproverPod approver, SimulatedKubelet node) throws Exception {
    Path bootstrap = directory.resolve("bootstrap");
    StringWriter out = new StringWriter();
    Console console = Console.plain(new PrintWriter(out, true), new PrintWriter(out, true));
    int status =
        Countersign.run(
            console,
            "token",
            "create",
            "--kubeconfig=" + cluster.plane().layout().adminKubeconfig(),
            "--node=" + node.name(),
            "--kubeconfig-out=" + bootstrap);
    assertThat(status).as(out.toString()).isZero();
    node.bootstrap(bootstrap);
    node.register(Cluster.KUBELET_PORT);
    node.heartbeat();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> again =
          threads.submit(
              () -> {
                node.bootstrap(bootstrap);
                return true;
              });
      eventually(
          "a look at the Lease of " + node.name(),
          approver,
          () -> used(cluster, "get", "leases", "kube-node-lease"));
      again.cancel(true);
    }
  }

  /** Somebody else changes a request while it is decided on: it is read again, then approved. */
  private static void conflictOverARequest(
      Cluster cluster, ApproverPod approver, SimulatedKubelet node) throws Exception {
    for (int i = 0; i < 40 && !used(cluster, "get", "certificatesigningrequests", ""); i++) {
      String name = create(node);
      for (int change = 0; change < 15; change++) {
        touch(cluster, REQUESTS + "/" + name, change);
      }
      eventually("approval of " + name, approver, () -> approved(cluster, name));
    }
  }

  /** Somebody else changes a record while it is written: it is read again, then written. */
  private static void conflictOverARecord(
      Cluster cluster, ApproverPod approver, SimulatedKubelet node) throws Exception {
    InetAddress extra = InetAddress.getByName("198.51.100.77");
    String maps = "/api/v1/namespaces/" + NAMESPACE + "/configmaps/";
    ShardKey key =
        ShardKey.parse(
                cluster
                    .operator()
                    .get(maps + ShardKey.OBJECT_NAME)
                    .orThrow("reading the records' key")
                    .at("/data/" + ShardKey.DATA_KEY)
                    .asText())
            .orElseThrow();
    String record =
        maps
            + Shard.objectName(key.numberOf(IpAddress.parse(extra.getHostAddress()).orElseThrow()));
    node.writeStatus(List.of(node.address(), extra), Cluster.KUBELET_PORT);
    eventually("a record", approver, () -> cluster.operator().get(record).ok());
    AtomicBoolean enough = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> hammer =
          threads.submit(
              () -> {
                for (int change = 0; change < 20_000 && !enough.get(); change++) {
                  touch(cluster, record, change);
                }
                return true;
              });
      for (int i = 0; i < 60 && !used(cluster, "get", "configmaps", NAMESPACE); i++) {
        node.writeStatus(List.of(node.address()), Cluster.KUBELET_PORT);
        Thread.sleep(150);
        node.writeStatus(List.of(node.address(), extra), Cluster.KUBELET_PORT);
        Thread.sleep(150);
      }
      enough.set(true);
      hammer.get();
    }
  }

  private static void touch(Cluster cluster, String path, int change)
      throws IOException, InterruptedException {
    ObjectNode patch = JsonNodeFactory.instance.objectNode();
    patch.putObject("metadata").putObject("annotations").put("scenario", "change " + change);
    Answer answer = cluster.operator().mergePatch(path, patch);
    assertThat(answer.status()).isIn(200, 404, 409);
  }

  private static boolean used(Cluster cluster, String verb, String resource, String namespace)
      throws IOException {
    return AuditLog.requests(cluster.auditLog(), USER).stream()
        .anyMatch(request -> request.is(verb, resource, namespace));
  }

  /** So without that one grant the request, and with it the approver's work, would be refused. */
  private static void eachIsAllowedByOneGrantAlone(
      List<Grant> grants, List<AuditLog.Request> requests) {
    for (AuditLog.Request request : requests) {
      assertThat(request.allowed()).as("%s", request).isTrue();
      assertThat(request.why()).as("%s", request).contains("countersign-approver");
      assertThat(grants.stream().filter(grant -> grant.allows(request)).toList())
          .as("%s", request)
          .hasSize(1);
    }
    assertThat(requests).hasSizeGreaterThan(30);
  }

  /** The right to approve for a signer is looked up by admission, which is not in the audit log. */
  private static void everyGrantIsUsed(List<Grant> grants, List<AuditLog.Request> requests) {
    List<Grant> idle =
        grants.stream()
            .filter(grant -> !grant.resource().equals("signers"))
            .filter(grant -> requests.stream().noneMatch(grant::allows))
            .toList();
    assertThat(idle).isEmpty();
  }

  private static void withoutApproveNothingIsApproved(
      Cluster cluster, ApproverPod approver, SimulatedKubelet node) throws Exception {
    String role = "/apis/rbac.authorization.k8s.io/v1/clusterroles/countersign-approver";
    JsonNode rules = cluster.operator().get(role).orThrow("reading a role").path("rules");
    ObjectNode less = JSON.createObjectNode();
    for (JsonNode rule : rules) {
      if (!rule.path("verbs").toString().contains("approve")) {
        less.withArray("rules").add(rule);
      }
    }
    assertThat(less.path("rules")).hasSize(rules.size() - 1);
    cluster.operator().mergePatch(role, less).orThrow("taking a right away");
    Grant approve =
        new Grant(
            "",
            "certificates.k8s.io",
            "signers",
            "approve",
            List.of("kubernetes.io/kubelet-serving"));
    eventually("the right to be gone", approver, () -> !may(cluster, approve));
    String name = create(node);
    eventually(
        "a refusal",
        approver,
        () -> approver.log().stream().anyMatch(line -> line.contains("\"event\":\"not-allowed\"")));
    assertThat(approved(cluster, name)).isFalse();
    assertThat(approver.metrics())
        .contains("countersign_write_errors_total{problem=\"forbidden\"}");
    ObjectNode again = JSON.createObjectNode();
    again.set("rules", rules);
    cluster.operator().mergePatch(role, again).orThrow("giving a right back");
    eventually("approval of " + name, approver, () -> approved(cluster, name));
  }

  /** JSON, with each approval told once. */
  private static void oneLinePerDecision(ApproverPod approver) throws Exception {
    eventually(
        "log lines",
        approver,
        () -> {
          int approvals = 0;
          for (String line : approver.log()) {
            approvals += line.contains("\"event\":\"approved\"") ? 1 : 0;
          }
          return approver
              .metrics()
              .contains(
                  "countersign_decisions_total{reason=\"\",verdict=\"approved\"} "
                      + (double) approvals);
        });
    List<String> told = new ArrayList<>();
    for (String line : approver.log()) {
      JsonNode event = JSON.readTree(line);
      assertThat(event.path("time").asText()).as(line).isNotEmpty();
      assertThat(event.path("level").asText()).as(line).isIn("info", "warn", "error");
      if (event.path("event").asText().equals("approved")) {
        told.add(event.path("csr").asText());
        assertThat(line.length()).isLessThan(250);
      }
    }
    assertThat(told).doesNotHaveDuplicates().hasSizeGreaterThan(2);
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void eventually(String what, ApproverPod approver, Condition condition)
      throws Exception {
    long deadline = System.nanoTime() + 90_000_000_000L;
    while (!condition.holds()) {
      if (!approver.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError(
            "got no "
                + what
                + " within 90 s; the approver's last lines:\n"
                + String.join("\n", approver.log().reversed().stream().limit(30).toList()));
      }
      Thread.sleep(50);
    }
  }
}
