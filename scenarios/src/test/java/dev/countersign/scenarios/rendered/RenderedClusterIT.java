package dev.countersign.scenarios.rendered;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.approver.join.JoinOptions;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodePattern;
import dev.countersign.policy.join.TokenId;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.JoinMode;
import dev.countersign.scenarios.fixture.KubeletCertificates;
import dev.countersign.scenarios.fixture.TestedKubernetes;
import dev.countersign.testbed.Component;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.ControlPlaneOptions;
import dev.countersign.testbed.api.Answer;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.api.Identity;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.binaries.Program;
import dev.countersign.testbed.cluster.MovedSpec;
import dev.countersign.testbed.node.RealKubelet;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One control plane for each example, from its rendered files: only directories, ports and the
 * servers' addresses are moved.
 */
@RequiresRoot
@RequiresTool({"ip", "unshare"})
final class RenderedClusterIT {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int PORT = RealKubelet.PORT;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final SecureRandom RANDOM = new SecureRandom();

  static Stream<String> examples() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../examples/clusters"))) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void example_boots_andKeepsWhatItPromises(String example, @TempDir Path directory)
      throws Exception {
    KubernetesBinaries binaries = TestedKubernetes.binaries();
    MovedSpec files = MovedSpec.of(Files.readString(Path.of("../examples/clusters", example)));
    try (ControlPlane plane =
            ControlPlane.start(
                ControlPlaneOptions.disposable(directory.resolve("plane"))
                    .withComponents(Set.of(Component.CONTROLLER_MANAGER, Component.SCHEDULER)),
                binaries,
                files);
        ApiConnection operator = plane.connect()) {
      everyEtcdServerAnswersOnlyItsClients(plane);
      everyManifestIsAcceptedAsStrictlyAsCanBe(plane);
      ClusterSpec spec = files.at(plane.placement(), 6443, binaries.release());
      boolean strict = spec.join() == JoinMode.STRICT;
      bootstrapTokenOnlyRequestsCertificates(plane, strict);
      ClientCredentials account = serviceAccount(plane, operator, directory);
      try (ApproverManager approver = renderedApprover(account, operator, directory, strict);
          ApiConnection asApprover = asApprover(plane, operator)) {
        assertThat(approver.awaitSynced(PATIENCE)).isTrue();
        approverMayDoNothingElse(asApprover, strict);
        if (strict) {
          tokenJoinsNothingWithoutAGrant(plane, operator, spec);
        }
        try (RealKubelet kubelet = join(plane)) {
          certificatesLastFor72Hours(operator, kubelet);
          schedulerPlacesPods(operator, kubelet.name());
          theApiServerReachesOnlyApprovedKubelets(plane, operator);
          aKubeletTouchesOnlyItsOwnNode(plane, operator, kubelet);
        }
        new RenderedMachines(plane, operator, spec).getTheirServingCertificates();
      }
    }
  }

  private static void everyEtcdServerAnswersOnlyItsClients(ControlPlane plane) throws Exception {
    Path tls = plane.layout().assets().resolve("tls/etcd");
    List<X509Certificate> authorities =
        Identity.parseCertificates(Files.readString(tls.resolve("etcd-client-ca.crt")));
    Identity client =
        Identity.parse(
            Files.readString(tls.resolve("etcd-client.crt")),
            SecretText.of(Files.readString(tls.resolve("etcd-client.key"))));
    List<Path> servers;
    try (Stream<Path> files = Files.list(plane.layout().assets().resolve("etcd"))) {
      servers = files.toList();
    }
    assertThat(servers).isNotEmpty();
    for (int number = 1; number <= servers.size(); number++) {
      URI address = URI.create("https://" + plane.placement().loopback(number) + ":2379");
      try (ApiConnection known = new ApiConnection(ClientConfig.of(address, authorities, client));
          ApiConnection unknown = new ApiConnection(ClientConfig.anonymous(address, authorities))) {
        assertThat(known.get("/health").orThrow("asking etcd").path("health").asText())
            .isEqualTo("true");
        assertThatThrownBy(() -> unknown.get("/health")).isInstanceOf(IOException.class);
      }
    }
  }

  /** Server-side and, as a controller's own apply script does it, client-side. */
  private static void everyManifestIsAcceptedAsStrictlyAsCanBe(ControlPlane plane)
      throws Exception {
    List<String> rendered;
    try (Stream<Path> files = Files.walk(plane.layout().manifests())) {
      rendered =
          files.filter(file -> file.toString().endsWith(".yaml")).map(Path::toString).toList();
    }
    String directory = plane.layout().manifests().toString();
    for (List<String> how : List.of(List.of("--server-side"), List.<String>of())) {
      Ran applied =
          kubectl(
              plane,
              Stream.concat(
                      Stream.of(
                          "apply", "-R", "-f", directory, "--validate=strict", "--dry-run=server"),
                      how.stream())
                  .toArray(String[]::new));
      assertThat(applied.status()).as(applied.output()).isZero();
      assertThat(applied.output().lines().filter(line -> line.contains("(server dry run)")).count())
          .isGreaterThanOrEqualTo(rendered.size());
      assertThat(applied.output()).doesNotContain("unknown field", "deprecated");
    }
  }

  private static void bootstrapTokenOnlyRequestsCertificates(ControlPlane plane, boolean strict)
      throws Exception {
    try (ApiConnection bootstrap =
        new ApiConnection(ClientConfig.read(plane.layout().bootstrapKubeconfig()))) {
      Set<String> rights =
          new TreeSet<>(
              List.of(
                  "authentication.k8s.io/selfsubjectreviews create",
                  "authorization.k8s.io/selfsubjectaccessreviews create",
                  "authorization.k8s.io/selfsubjectrulesreviews create",
                  "certificates.k8s.io/certificatesigningrequests create,get,list,watch"));
      if (!strict) {
        rights.add("certificates.k8s.io/certificatesigningrequests/nodeclient create");
        rights.add("certificates.k8s.io/certificatesigningrequests/selfnodeclient create");
      }
      assertThat(rights(bootstrap, "kube-system")).isEqualTo(rights);
      for (String path :
          List.of("/api/v1/nodes", "/api/v1/namespaces/kube-system/secrets", "/api/v1/pods")) {
        assertThat(bootstrap.get(path).status()).as(path).isEqualTo(403);
      }
      ObjectNode node = JSON.objectNode();
      node.put("apiVersion", "v1").put("kind", "Node").putObject("metadata").put("name", "thief");
      assertThat(bootstrap.post("/api/v1/nodes", node).status()).isEqualTo(403);
    }
  }

  /** What the API server says a user may do in a namespace, but for paths open to everyone. */
  private static Set<String> rights(ApiConnection user, String namespace) throws Exception {
    ObjectNode review = JSON.objectNode();
    review.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SelfSubjectRulesReview");
    review.putObject("spec").put("namespace", namespace);
    JsonNode status =
        user.post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", review)
            .orThrow("asking for rights")
            .path("status");
    Set<String> rights = new TreeSet<>();
    for (JsonNode rule : status.path("resourceRules")) {
      for (JsonNode group : rule.path("apiGroups")) {
        for (JsonNode resource : rule.path("resources")) {
          Set<String> verbs = new TreeSet<>();
          rule.path("verbs").forEach(verb -> verbs.add(verb.asText()));
          rights.add(group.asText() + "/" + resource.asText() + " " + String.join(",", verbs));
        }
      }
    }
    return rights;
  }

  private static String serviceAccountToken(ApiConnection operator) throws Exception {
    ObjectNode request = JSON.objectNode();
    request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
    request.putObject("spec").put("expirationSeconds", 3600);
    return operator
        .post("/api/v1/namespaces/kube-system/serviceaccounts/countersign-approver/token", request)
        .orThrow("asking for the approver's token")
        .path("status")
        .path("token")
        .asText();
  }

  /** What a pod of the approver has: its service account, and a ConfigMap that names the server. */
  private static ClientCredentials serviceAccount(
      ControlPlane plane, ApiConnection operator, Path directory) throws Exception {
    Path account = Files.createDirectories(directory.resolve("serviceaccount"));
    Files.writeString(account.resolve("token"), serviceAccountToken(operator));
    Files.copy(plane.layout().authority(), account.resolve("ca.crt"));
    JsonNode inCluster =
        operator
            .get("/api/v1/namespaces/kube-system/configmaps/in-cluster")
            .orThrow("reading the ConfigMap in-cluster")
            .path("data");
    Map<String, String> environment =
        Map.of(
            "KUBERNETES_SERVICE_HOST", inCluster.path("apiserver-host").asText(),
            "KUBERNETES_SERVICE_PORT", inCluster.path("apiserver-port").asText());
    return switch (ClientCredentials.fromServiceAccount(
        environment, account, InstantSource.system())) {
      case CredentialsResult.Usable(ClientCredentials usable) -> usable;
      case CredentialsResult.Unusable(String problem) -> throw new IOException(problem);
    };
  }

  private static ApiConnection asApprover(ControlPlane plane, ApiConnection operator)
      throws Exception {
    return new ApiConnection(
        ClientConfig.of(
            plane.server(),
            operator.config().authorities(),
            SecretText.of(serviceAccountToken(operator))));
  }

  private static Set<String> approverArguments(ApiConnection operator) throws Exception {
    Set<String> arguments = new TreeSet<>();
    operator
        .get("/apis/apps/v1/namespaces/kube-system/deployments/countersign-approver")
        .orThrow("reading the approver's Deployment")
        .at("/spec/template/spec/containers/0/args")
        .forEach(argument -> arguments.add(argument.asText()));
    return arguments;
  }

  private static PolicyConfig renderedPolicy(ApiConnection operator) throws Exception {
    String text =
        operator
            .get("/api/v1/namespaces/kube-system/configmaps/countersign-policy")
            .orThrow("reading the approver's policy")
            .path("data")
            .path("policy.yaml")
            .asText();
    return ApprovalPolicyFile.parse(text).orThrow();
  }

  /** The approver, with the rendered policy and exactly the rights rendered for its pod. */
  private static ApproverManager renderedApprover(
      ClientCredentials account, ApiConnection operator, Path directory, boolean strict)
      throws Exception {
    ApproverOptions options =
        ApproverOptions.defaults(
                account,
                new PrintWriter(Files.newBufferedWriter(directory.resolve("approver.log")), true))
            .withNamespace("kube-system")
            .withPolicy(renderedPolicy(operator));
    Set<String> arguments = approverArguments(operator);
    assertThat(arguments).contains("approver");
    if (arguments.contains("--leader-elect")) {
      // Longer than the default: here no kubelet starts it again when it loses its Lease.
      options =
          options.withLeaderElection(
              new ApproverOptions.LeaderElection(
                  "countersign-approver", "pod-1", Duration.ofMinutes(2)));
    }
    // As the approver's command sets it up for --strict-join.
    return ApproverManager.start(strict ? options.withJoin(JoinOptions.defaults()) : options);
  }

  private static void approverMayDoNothingElse(ApiConnection account, boolean strict)
      throws Exception {
    assertThat(rights(account, "kube-system"))
        .noneMatch(right -> right.contains("*"))
        .noneMatch(right -> right.contains("secrets") || right.contains("token"))
        .filteredOn(right -> right.contains("certificatesigningrequests"))
        .noneMatch(right -> right.contains("delete") || right.contains("/status"));
    for (String path :
        List.of(
            "/api/v1/namespaces/kube-system/secrets",
            "/api/v1/pods",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles")) {
      assertThat(account.get(path).status()).as(path).isEqualTo(403);
    }
    Map<String, Boolean> signers =
        Map.of(
            "kubernetes.io/kube-apiserver-client", false,
            "kubernetes.io/legacy-unknown", false,
            "kubernetes.io/kube-apiserver-client-kubelet", strict,
            "kubernetes.io/kubelet-serving", true);
    for (Map.Entry<String, Boolean> signer : signers.entrySet()) {
      ObjectNode review = JSON.objectNode();
      review.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SelfSubjectAccessReview");
      review
          .putObject("spec")
          .putObject("resourceAttributes")
          .put("group", "certificates.k8s.io")
          .put("resource", "signers")
          .put("name", signer.getKey())
          .put("verb", "approve");
      assertThat(
              account
                  .post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
                  .orThrow("asking for a right")
                  .at("/status/allowed")
                  .asBoolean())
          .as(signer.getKey())
          .isEqualTo(signer.getValue());
    }
  }

  /** A stranger is refused by name; then the rendered token gets a grant for this test's nodes. */
  private static void tokenJoinsNothingWithoutAGrant(
      ControlPlane plane, ApiConnection operator, ClusterSpec spec) throws Exception {
    TokenId token =
        TokenId.parse(
            ClientConfig.read(plane.layout().bootstrapKubeconfig())
                .token()
                .orElseThrow()
                .reveal(SecretAccess.because("its public half names its grant"))
                .substring(0, 6));
    List<String> names =
        Stream.of(
                Stream.of("worker-1", "victim", "thief", "other"),
                RenderedMachines.PRETENDERS.stream(),
                RenderedMachines.names(spec))
            .flatMap(each -> each)
            .toList();
    BootstrapTokenGrant grant =
        new BootstrapTokenGrant(
            token,
            names.stream().map(NodePattern::parse).toList(),
            OptionalInt.of(names.size()),
            Optional.empty(),
            Optional.empty(),
            false,
            false,
            false,
            List.of());
    ObjectNode record = JSON.objectNode();
    record.put("apiVersion", "v1").put("kind", "ConfigMap");
    record
        .putObject("metadata")
        .put("name", BootstrapTokenGrant.recordName(token))
        .putObject("labels")
        .put(BootstrapTokenGrant.LABEL, BootstrapTokenGrant.LABEL_VALUE);
    ObjectNode data = record.putObject("data");
    grant.toData().forEach(data::put);
    operator
        .post("/api/v1/namespaces/countersign-join/configmaps", record)
        .orThrow("writing a grant");
    assertThatThrownBy(() -> node(plane, "stranger"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Denied");
    assertThat(operator.get("/api/v1/nodes/stranger").status()).isEqualTo(404);
  }

  /** A worker as rendered, where the spec has one that a kubelet of today understands. */
  private static RealKubelet join(ControlPlane plane) throws Exception {
    Path nodes = plane.layout().assets().resolve("nodes");
    List<String> arguments = List.of();
    if (Files.isDirectory(nodes)) {
      try (Stream<Path> machines = Files.list(nodes)) {
        for (Path machine : machines.filter(file -> file.toString().endsWith(".ign")).toList()) {
          Path butane =
              machine.resolveSibling(
                  String.valueOf(machine.getFileName()).replace(".ign", ".yaml"));
          List<String> found = RenderedKubelet.arguments(butane);
          if (found.contains("--node-labels=node.kubernetes.io/node=")) {
            arguments = found;
          }
        }
      }
    }
    return RealKubelet.start(plane, "worker-1", arguments.toArray(String[]::new));
  }

  private static void certificatesLastFor72Hours(ApiConnection operator, RealKubelet kubelet)
      throws Exception {
    X509Certificate serving = KubeletCertificates.awaitServed(operator, kubelet);
    X509Certificate client =
        ClientConfig.read(kubelet.kubeconfig()).identity().orElseThrow().certificate();
    assertThat(serving.getSubjectX500Principal().getName())
        .isEqualTo("CN=system:node:worker-1,O=system:nodes");
    for (X509Certificate certificate : List.of(serving, client)) {
      assertThat(
              Duration.between(
                  certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant()))
          .isBetween(Duration.ofDays(3), Duration.ofDays(3).plusMinutes(6));
    }
    JsonNode configuration =
        operator
            .get("/api/v1/nodes/" + kubelet.name() + "/proxy/configz")
            .orThrow("reading the kubelet's configuration through the API server")
            .path("kubeletconfig");
    assertThat(configuration.path("rotateCertificates").asBoolean()).isTrue();
    assertThat(configuration.path("serverTLSBootstrap").asBoolean()).isTrue();
    assertThat(configuration.at("/authentication/anonymous/enabled").asBoolean(true)).isFalse();
    assertThat(configuration.at("/authorization/mode").asText()).isEqualTo("Webhook");
  }

  private static void schedulerPlacesPods(ApiConnection operator, String node) throws Exception {
    createPod(operator, "placed", Optional.empty());
    String placed =
        eventually(
            "kube-scheduler to place a pod",
            () ->
                Optional.of(
                        operator
                            .get("/api/v1/namespaces/default/pods/placed")
                            .orThrow("reading a pod")
                            .at("/spec/nodeName")
                            .asText())
                    .filter(name -> !name.isEmpty()));
    assertThat(placed).isEqualTo(node);
  }

  private static void createPod(ApiConnection operator, String name, Optional<String> node)
      throws Exception {
    ObjectNode pod = JSON.objectNode();
    pod.put("apiVersion", "v1").put("kind", "Pod").putObject("metadata").put("name", name);
    ObjectNode spec = pod.putObject("spec");
    node.ifPresent(each -> spec.put("nodeName", each));
    spec.put("automountServiceAccountToken", false);
    spec.putArray("tolerations").addObject().put("operator", "Exists");
    spec.putArray("containers").addObject().put("name", "main").put("image", "example.com/none:1");
    eventually(
        "namespace default to take a pod",
        () ->
            Optional.of(operator.post("/api/v1/namespaces/default/pods", pod)).filter(Answer::ok));
  }

  /** A kubelet with a certificate by another authority of the same name, then an approved one. */
  private static void theApiServerReachesOnlyApprovedKubelets(
      ControlPlane plane, ApiConnection operator) throws Exception {
    try (SimulatedKubelet victim = node(plane, "victim")) {
      createPod(operator, "watched", Optional.of(victim.name()));
      victim.serveWith(forged(plane, victim), PORT);
      for (List<String> command :
          List.of(List.of("logs", "watched"), List.of("exec", "watched", "--", "id"))) {
        Ran refused = kubectl(plane, command.toArray(String[]::new));
        assertThat(refused.status()).as(refused.output()).isNotZero();
        assertThat(refused.output()).contains("x509: certificate signed by unknown authority");
      }
      try (SimulatedKubelet thief = node(plane, "thief")) {
        thief.serve(PORT);
        assertThat(proxied(operator, thief)).isEqualTo("ok");
        victim.serveWith(thief.servingIdentity().orElseThrow(), PORT);
        assertThat(kubectl(plane, "logs", "watched").output())
            .contains("x509: certificate is valid for " + thief.address().getHostAddress());
      }
      victim.serve(PORT);
      assertThat(proxied(operator, victim)).isEqualTo("ok");
      assertThat(kubectl(plane, "logs", "watched").output()).doesNotContain("x509");
    }
  }

  private static String proxied(ApiConnection operator, SimulatedKubelet node) throws Exception {
    return operator.text("/api/v1/nodes/" + node.name() + "/proxy/healthz").body();
  }

  private static SimulatedKubelet node(ControlPlane plane, String name) throws Exception {
    SimulatedKubelet node =
        new SimulatedKubelet(
            name,
            InetAddress.getByName(plane.addresses().claim()),
            plane.layout().node(name),
            RANDOM,
            OptionalInt.empty());
    node.bootstrap(plane.layout().bootstrapKubeconfig());
    node.register(PORT);
    return node;
  }

  private static Identity forged(ControlPlane plane, SimulatedKubelet node) throws Exception {
    X509Certificate real =
        Identity.parseCertificates(Files.readString(plane.layout().authority())).getFirst();
    assertThat(real.getSubjectX500Principal().getName()).startsWith("CN=kubernetes-ca");
    KeyPair authorityKeys = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
    CertificateAuthority impostor =
        CertificateAuthority.create(
            CertificateProfile.authority(
                DistinguishedName.of(
                    List.of(real.getSubjectX500Principal().getName().replaceAll(".*O=", "")),
                    "kubernetes-ca"),
                Duration.ofDays(1)),
            authorityKeys,
            RANDOM,
            Instant.now());
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
    String certificate =
        impostor
            .issue(
                CertificateProfile.server(
                    DistinguishedName.of(List.of("system:nodes"), "system:node:" + node.name()),
                    List.of(
                        new SubjectAltName.Dns(node.name()), SubjectAltName.Ip.of(node.address())),
                    Duration.ofHours(1)),
                keys.publicKey(),
                RANDOM,
                Instant.now())
            .toPem();
    return new Identity(
        Identity.parseCertificates(certificate),
        keys.privateKey(SecretAccess.because("an impostor serves with it")));
  }

  private static void aKubeletTouchesOnlyItsOwnNode(
      ControlPlane plane, ApiConnection operator, RealKubelet kubelet) throws Exception {
    ObjectNode label = JSON.objectNode();
    label.putObject("metadata").putObject("labels").put("example.com/touched", "yes");
    ObjectNode status = JSON.objectNode();
    status.putObject("status").putArray("addresses");
    try (SimulatedKubelet other = node(plane, "other");
        ApiConnection own = new ApiConnection(ClientConfig.read(kubelet.kubeconfig()))) {
      String theirs = "/api/v1/nodes/" + other.name();
      assertThat(own.mergePatch(theirs, label).status()).isEqualTo(403);
      assertThat(own.mergePatch(theirs + "/status", status).status()).isEqualTo(403);
      assertThat(own.delete(theirs).status()).isEqualTo(403);
      assertThat(operator.get(theirs).ok()).isTrue();
      assertThat(operator.get(theirs).body().at("/status/addresses").isEmpty()).isFalse();

      String mine = "/api/v1/nodes/" + kubelet.name();
      assertThat(own.mergePatch(mine, label).ok()).isTrue();
      ObjectNode role = JSON.objectNode();
      role.putObject("metadata")
          .putObject("labels")
          .put("node-role.kubernetes.io/control-plane", "");
      assertThat(own.mergePatch(mine, role).status()).isEqualTo(403);
      String uid = operator.get(mine).body().at("/metadata/uid").asText();
      kubelet.close();
      Answer deleted = own.delete(mine);
      assertThat(deleted.ok()).as(deleted.message()).isTrue();
      assertThat(operator.get(mine).body().at("/metadata/uid").asText()).isNotEqualTo(uid);
    }
  }

  private record Ran(int status, String output) {}

  private static Ran kubectl(ControlPlane plane, String... arguments) throws Exception {
    Path output = Files.createTempFile("kubectl-", ".txt");
    try {
      Process process =
          new ProcessBuilder(
                  Stream.concat(
                          Stream.of(
                              plane.binaries().file(Program.KUBECTL).toString(),
                              "--kubeconfig=" + plane.layout().adminKubeconfig()),
                          Stream.of(arguments))
                      .toList())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      process.getOutputStream().close();
      try {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly();
      }
      return new Ran(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private static <T> T eventually(String what, Callable<Optional<T>> look) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<T> found = look.call();
      if (found.isPresent()) {
        return found.get();
      }
      Thread.sleep(200);
    }
    return fail("waited %d s for %s", PATIENCE.toSeconds(), what);
  }
}
