package dev.countersign.scenarios.join;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.IdentityProvider;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.StrictCluster;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.TestKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a bootstrap token is good for, and what a stolen one is not. */
@OnControlPlane
class StrictJoinIT {
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final String BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";

  @Test
  void stolenToken_afterItsFirstUse_isWorthNothing(StrictCluster strict, @TempDir Path directory)
      throws Exception {
    Path token = strict.token(directory, "first-*", "--uses", "1");
    try (var joins = strict.startJoins();
        SimulatedKubelet honest = strict.cluster().joining("first-a");
        SimulatedKubelet thief = strict.cluster().joining("first-b")) {
      honest.bootstrap(token);

      assertThatThrownBy(() -> thief.bootstrap(token))
          .hasMessageContaining("Denied")
          .hasMessageContaining("TokenUsedUp");
      assertThat(honest.kubeconfig()).exists();
      assertThat(joins).isNotNull();
    }
  }

  @Test
  void tokenForOneNode_askingForAnother_isDenied(StrictCluster strict, @TempDir Path directory)
      throws Exception {
    Path token = strict.token(directory, "bound-a");
    try (var joins = strict.startJoins();
        SimulatedKubelet other = strict.cluster().joining("bound-b");
        SimulatedKubelet own = strict.cluster().joining("bound-a")) {
      assertThatThrownBy(() -> other.bootstrap(token)).hasMessageContaining("TokenNotForNode");

      own.bootstrap(token);
      assertThat(own.kubeconfig()).exists();
      assertThat(joins).isNotNull();
    }
  }

  @Test
  void liveNode_isNotTakenOver_unlessTheOperatorSaysSo(
      StrictCluster strict, @TempDir Path directory) throws Exception {
    try (var joins = strict.startJoins();
        SimulatedKubelet owner = strict.cluster().joining("owner");
        SimulatedKubelet taker = strict.cluster().joining("owner")) {
      owner.bootstrap(strict.token(directory, "owner"));
      owner.register(Cluster.KUBELET_PORT);
      owner.heartbeat();

      Path second = strict.token(directory, "owner");
      assertThatThrownBy(() -> taker.bootstrap(second)).hasMessageContaining("NodeTaken");
      owner.rotateClient();

      taker.bootstrap(strict.token(directory, "owner", "--allow-rejoin"));
      assertThat(joins).isNotNull();
    }
  }

  @Test
  void expiredToken_isRefusedByTheApiServer_andCleanedAway(
      StrictCluster strict, @TempDir Path directory) throws Exception {
    Path kubeconfig = strict.token(directory, "late", "--ttl", "3s");
    String id = tokenId(kubeconfig);
    try (var joins = strict.startJoins();
        SimulatedKubelet late = strict.cluster().joining("late")) {
      String secret = "/api/v1/namespaces/kube-system/secrets/bootstrap-token-" + id;
      eventually(
          "tokencleaner to remove the expired token",
          () -> strict.cluster().operator().get(secret).status() == 404);

      assertThatThrownBy(() -> late.bootstrap(kubeconfig)).hasMessageContaining("401");
      assertThat(joins).isNotNull();
    }
  }

  @Test
  void node_whoseTokenWasRotatedAway_renews(StrictCluster strict, @TempDir Path directory)
      throws Exception {
    Path kubeconfig = strict.token(directory, "renewing");
    try (var joins = strict.startJoins();
        SimulatedKubelet node = strict.cluster().joining("renewing")) {
      node.bootstrap(kubeconfig);
      node.register(Cluster.KUBELET_PORT);
      strict.cluster().command("token", "rotate", tokenId(kubeconfig), "--grace", "0").orThrow();
      X509Certificate before = node.asNode().config().identity().orElseThrow().certificate();

      node.rotateClient();

      assertThat(node.asNode().config().identity().orElseThrow().certificate().getSerialNumber())
          .isNotEqualTo(before.getSerialNumber());
      assertThat(joins).isNotNull();
    }
  }

  @Test
  void node_thatJoinedBeforeStrictJoin_keepsRenewing(StrictCluster strict) throws Exception {
    ApiConnection operator = strict.cluster().operator();
    ObjectNode blanket = JsonNodeFactory.instance.objectNode();
    blanket.put("apiVersion", "rbac.authorization.k8s.io/v1").put("kind", "ClusterRoleBinding");
    blanket.putObject("metadata").put("name", "before-strict-join");
    blanket
        .putObject("roleRef")
        .put("apiGroup", "rbac.authorization.k8s.io")
        .put("kind", "ClusterRole")
        .put("name", "system:certificates.k8s.io:certificatesigningrequests:nodeclient");
    blanket
        .putArray("subjects")
        .addObject()
        .put("apiGroup", "rbac.authorization.k8s.io")
        .put("kind", "Group")
        .put("name", "system:bootstrappers");
    try (SimulatedKubelet old = strict.cluster().joining("old-timer")) {
      operator.post(BINDINGS, blanket).orThrow("binding the blanket approval");
      try {
        old.bootstrap(strict.cluster().plane().layout().bootstrapKubeconfig());
        old.register(Cluster.KUBELET_PORT);
      } finally {
        operator.delete(BINDINGS + "/before-strict-join");
      }
      X509Certificate before = old.asNode().config().identity().orElseThrow().certificate();
      try (var joins = strict.startJoins()) {
        old.rotateClient();
        assertThat(joins).isNotNull();
      }
      assertThat(old.asNode().config().identity().orElseThrow().certificate().getSerialNumber())
          .isNotEqualTo(before.getSerialNumber());
      assertThat(reasonsOf(operator, "system:node:old-timer"))
          .containsExactly("CountersignRenewalApproved");
    }
  }

  @Test
  void revokedName_isNotRenewed(StrictCluster strict, @TempDir Path directory) throws Exception {
    try (var joins = strict.startJoins();
        SimulatedKubelet node = strict.cluster().joining("revoked")) {
      node.bootstrap(strict.token(directory, "revoked"));
      node.register(Cluster.KUBELET_PORT);
      assertThat(strict.cluster().command("node", "delete", "revoked", "--no-drain").orThrow())
          .contains(
              "node revoked deleted",
              "name revoked revoked: under strict join its certificate is not renewed");

      assertThatThrownBy(node::rotateClient).hasMessageContaining("NameRevoked");
      assertThat(joins).isNotNull();
    }
  }

  @Test
  void fiftyParallelJoins_withOneUse_giveOneCertificate(
      StrictCluster strict, @TempDir Path directory) throws Exception {
    Path token = strict.token(directory, "storm-*", "--uses", "1");
    try (var joins = strict.startJoins()) {
      assertThat(race(strict, token, "storm-")).isEqualTo(1);
      assertThat(joins).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource(ApproverProcess.Moment.class)
  void approverKilledInTheMiddle_andStartedAgain_stillGivesOneCertificate(
      ApproverProcess.Moment moment, StrictCluster strict, @TempDir Path directory)
      throws Exception {
    String prefix = "killed-" + moment.name().toLowerCase(Locale.ROOT) + "-";
    Path token = strict.token(directory, prefix + "*", "--uses", "1");
    Process approver =
        ApproverProcess.start(strict.cluster().plane().layout().adminKubeconfig(), moment);
    try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> certificates = thread.submit(() -> race(strict, token, prefix));
      ApproverProcess.killWhereItStands(approver);
      try (var joins = strict.startJoins()) {
        assertThat(certificates.get(5, TimeUnit.MINUTES)).isEqualTo(1);
        assertThat(joins).isNotNull();
      }
    } finally {
      approver.destroyForcibly();
    }
  }

  @Test
  void attestedMachine_joins_andOneThatShowsNothingDoesNot(
      StrictCluster strict, @TempDir Path directory) throws Exception {
    IdentityProvider issuer = IdentityProvider.create();
    Path issuers = Files.writeString(directory.resolve("attestation.yaml"), issuer.attestation());
    Path token = strict.token(directory, "cloud-*", "--uses", "1", "--require-attestation");
    try (JoinCommand approver =
            JoinCommand.start(
                directory,
                strict.cluster().plane().layout().adminKubeconfig(),
                "default",
                "--attestation=" + issuers);
        ApiConnection bearer = new ApiConnection(ClientConfig.read(token))) {
      String silent = send(bearer, "cloud-1", Optional.empty());
      String borrowed = send(bearer, "cloud-1", Optional.of(issuer.document("cloud-2")));
      String forged =
          send(bearer, "cloud-1", Optional.of(IdentityProvider.create().document("cloud-1")));
      eventually(
          "all three to be looked at",
          () ->
              approver.log().contains(silent)
                  && approver.log().contains(borrowed)
                  && approver.log().contains(forged));
      assertThat(reasons(strict, silent)).isEmpty();
      assertThat(reasons(strict, borrowed)).isEmpty();
      assertThat(reasons(strict, forged)).isEmpty();

      String honest = send(bearer, "cloud-1", Optional.of(issuer.document("cloud-1")));

      eventually("the attested machine's approval", () -> !reasons(strict, honest).isEmpty());
      assertThat(reasons(strict, honest)).containsExactly("CountersignJoinApproved");
      assertThat(reasons(strict, silent)).doesNotContain("CountersignJoinApproved");
      assertThat(reasons(strict, borrowed)).doesNotContain("CountersignJoinApproved");
      assertThat(reasons(strict, forged)).doesNotContain("CountersignJoinApproved");
      assertThat(approver.log())
          .contains("join-deferred", "attestation.evidence", "attestation.node", "join-admitted");
    }
  }

  /** What the API server lets through: it verifies signatures made with SHA-1, and any RSA key. */
  @Test
  void bytesThatAreRefusedForServingCertificates_areRefusedForClientOnes(
      StrictCluster strict, @TempDir Path directory) throws Exception {
    Path token = strict.token(directory, "weak-*", "--uses", "3");
    CsrForge baseline = CsrForge.client("weak-1");
    try (JoinCommand approver =
            JoinCommand.start(
                directory, strict.cluster().plane().layout().adminKubeconfig(), "default");
        ApiConnection bearer = new ApiConnection(ClientConfig.read(token))) {
      String shortKey = send(bearer, baseline.withKey(TestKeys.rsa(1024)), Optional.empty());
      String sha1 = send(bearer, baseline.withSignature("SHA1withECDSA"), Optional.empty());
      String multi =
          send(
              bearer,
              baseline.withRdns(
                  List.of(
                      List.of(
                          new CsrForge.Rdn(CsrForge.O, CsrForge.Text.UTF8, "system:nodes"),
                          new CsrForge.Rdn(
                              CsrForge.CN, CsrForge.Text.UTF8, "system:node:weak-1")))),
              Optional.empty());

      eventually(
          "three denials",
          () ->
              !reasons(strict, shortKey).isEmpty()
                  && !reasons(strict, sha1).isEmpty()
                  && !reasons(strict, multi).isEmpty());
      assertThat(reasons(strict, shortKey)).containsExactly("KeySizeNotAllowed");
      assertThat(reasons(strict, sha1)).containsExactly("SignatureAlgorithmNotAllowed");
      assertThat(reasons(strict, multi)).containsExactly("SubjectAttributeUnexpected");
      eventually("an Event", () -> eventsOn(strict, shortKey).contains("KeySizeNotAllowed"));
      assertThat(approver.log()).contains("join-denied");
    }
  }

  @Test
  void joinThatIsHeld_hasAnEvent(StrictCluster strict, @TempDir Path directory) throws Exception {
    Path token = strict.token(directory, "seen-*", "--require-attestation");
    try (JoinCommand approver =
            JoinCommand.start(
                directory, strict.cluster().plane().layout().adminKubeconfig(), "default");
        ApiConnection bearer = new ApiConnection(ClientConfig.read(token))) {
      String held = send(bearer, CsrForge.client("seen-1"), Optional.empty());

      eventually("an Event", () -> eventsOn(strict, held).contains("FactUnknown"));
      assertThat(reasons(strict, held)).isEmpty();
      assertThat(approver.log()).contains("join-deferred");
    }
  }

  /** What a thief finds on the disk of a node that was deleted: its key, and the token it used. */
  @Test
  void diskOfADeletedNode_givesNoWayBack(StrictCluster strict, @TempDir Path directory)
      throws Exception {
    Path token = strict.token(directory, "disk-*", "--uses", "1");
    try (var joins = strict.startJoins();
        ApiConnection bearer = new ApiConnection(ClientConfig.read(token))) {
      CsrForge onDisk = CsrForge.client("disk-1");
      String first = send(bearer, onDisk, Optional.empty());
      eventually("the node's own join", () -> !reasons(strict, first).isEmpty());
      assertThat(reasons(strict, first)).containsExactly("CountersignJoinApproved");
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.put("apiVersion", "v1").put("kind", "Node").putObject("metadata").put("name", "disk-1");
      strict.cluster().operator().post("/api/v1/nodes", node).orThrow("creating a Node");
      // in whole seconds, as records are: the join must not be of the second of its revocation
      Thread.sleep(1100);
      strict.cluster().command("node", "delete", "disk-1", "--no-drain").orThrow();

      String again = send(bearer, onDisk, Optional.empty());

      eventually("a verdict", () -> !reasons(strict, again).isEmpty());
      assertThat(reasons(strict, again)).containsExactly("TokenUsedUp");
      assertThat(joins).isNotNull();
    }
  }

  /** Joins fifty kubelets at once; returns how many got a certificate. */
  private static int race(StrictCluster strict, Path token, String prefix) throws Exception {
    List<Future<Boolean>> outcomes = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 50; i++) {
        String name = prefix + i;
        outcomes.add(
            threads.submit(
                () -> {
                  try (SimulatedKubelet kubelet = strict.cluster().joining(name)) {
                    kubelet.bootstrap(token);
                    return true;
                  } catch (IOException e) {
                    assertThat(e).hasMessageContaining("TokenUsedUp");
                    return false;
                  }
                }));
      }
      int certificates = 0;
      for (Future<Boolean> outcome : outcomes) {
        certificates += outcome.get() ? 1 : 0;
      }
      return certificates;
    }
  }

  private static String send(ApiConnection bearer, String node, Optional<String> evidence)
      throws Exception {
    return send(bearer, CsrForge.client(node), evidence);
  }

  private static String send(ApiConnection bearer, CsrForge forge, Optional<String> evidence)
      throws Exception {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    ObjectNode metadata = csr.putObject("metadata").put("generateName", "attested-");
    evidence.ifPresent(text -> metadata.putObject("annotations").put(Attestation.ANNOTATION, text));
    ObjectNode spec = csr.putObject("spec");
    spec.put(
        "request",
        Base64.getEncoder().encodeToString(forge.pem().getBytes(StandardCharsets.US_ASCII)));
    spec.put("signerName", "kubernetes.io/kube-apiserver-client-kubelet");
    spec.putArray("usages").add("digital signature").add("client auth");
    return bearer.post(REQUESTS, csr).orThrow("sending a request").at("/metadata/name").asText();
  }

  private static List<String> reasons(StrictCluster strict, String name) throws Exception {
    List<String> reasons = new ArrayList<>();
    strict
        .cluster()
        .operator()
        .get(REQUESTS + "/" + name)
        .orThrow("reading " + name)
        .at("/status/conditions")
        .forEach(condition -> reasons.add(condition.path("reason").asText()));
    return reasons;
  }

  private static List<String> eventsOn(StrictCluster strict, String name) throws Exception {
    List<String> reasons = new ArrayList<>();
    strict
        .cluster()
        .operator()
        .get("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D" + name)
        .orThrow("reading Events")
        .path("items")
        .forEach(event -> reasons.add(event.path("reason").asText()));
    return reasons;
  }

  private static List<String> reasonsOf(ApiConnection operator, String user) throws Exception {
    List<String> reasons = new ArrayList<>();
    for (JsonNode csr : operator.get(REQUESTS).orThrow("listing").path("items")) {
      if (csr.at("/spec/username").asText().equals(user)) {
        csr.at("/status/conditions").forEach(c -> reasons.add(c.path("reason").asText()));
      }
    }
    return reasons;
  }

  private static String tokenId(Path kubeconfig) throws Exception {
    return ClientConfig.read(kubeconfig)
        .token()
        .orElseThrow()
        .reveal(SecretAccess.because("its public half names the token"))
        .substring(0, 6);
  }
}
