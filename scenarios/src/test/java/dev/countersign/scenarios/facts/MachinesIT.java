package dev.countersign.scenarios.facts;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.approver.ApproverManager;
import dev.countersign.approver.ApproverOptions;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.scenarios.fixture.ChosenKubelet;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.StrictCluster;
import dev.countersign.testbed.api.Answer;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testbed.trial.TrialOutcome;
import dev.countersign.testkit.CsrForge;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines as operators keep them: of both APIs, and in a management cluster of their own. */
@OnControlPlane
class MachinesIT {
  private static final String CLUSTER_API = "cluster.x-k8s.io";
  private static final String OPENSHIFT = "machine.openshift.io";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

  @TempDir private Path directory;

  @Test
  void machinesOfClusterApi_inAManagementCluster_giveNodesTheirAddresses(
      Cluster cluster, StrictCluster management) throws Exception {
    ApiConnection elsewhere = management.cluster().operator();
    String policy =
        """
        inventory:
          sources:
          - name: management
            machines:
              namespace: default
              labelSelector: cluster.x-k8s.io/cluster-name=prod
              kubeconfig: "%s"
        """
            .formatted(management.cluster().plane().layout().adminKubeconfig());
    try (SimulatedKubelet node = cluster.registeredNode();
        ApproverManager approver = start(cluster, policy)) {
      assertHeld(
          send(cluster, node),
          "FactUnknown",
          "no API group " + CLUSTER_API + "; set machines.group");

      install(elsewhere, CLUSTER_API, "v1beta2", "v1beta1");
      // Of another cluster of the same management cluster.
      create(elsewhere, CLUSTER_API, "v1beta2", machine("other", node, "staging", "198.18.9.9"));
      eventually(
          "the Machines to be read", () -> reason(send(cluster, node)).equals("InventoryMissing"));

      create(elsewhere, CLUSTER_API, "v1beta2", machine("own", node, "prod", address(node)));
      eventually("the approval of all that waited", () -> allApproved(cluster, node));
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void machinesOfOpenShift_here_andAForbiddenRead(Cluster cluster) throws Exception {
    install(cluster.operator(), OPENSHIFT, "v1beta1");
    String policy =
        """
        inventory:
          sources:
          - name: machines
            machines: {group: machine.openshift.io, namespace: default}
        """;
    try (SimulatedKubelet node = cluster.registeredNode();
        SimulatedKubelet unlisted = cluster.registeredNode();
        ApproverManager approver = start(cluster, policy)) {
      create(cluster.operator(), OPENSHIFT, "v1beta1", machine("os", node, "", address(node)));
      assertThat(send(cluster, node)).isInstanceOf(TrialOutcome.Approved.class);
      assertHeld(send(cluster, unlisted), "InventoryMissing", unlisted.name());
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
    try (SimulatedKubelet node = cluster.registeredNode();
        ApproverManager approver =
            start(
                cluster,
                policy.replace(
                    "namespace: default",
                    "namespace: default, kubeconfig: \"" + node.kubeconfig() + "\""))) {
      assertHeld(
          send(cluster, node),
          "FactUnknown",
          "let the approver list machines.machine.openshift.io in namespace default");
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void nodeThatNoMachineNames_renewsWhatItServes_byAnAuthorityOfItsOwn(Cluster cluster)
      throws Exception {
    install(cluster.operator(), OPENSHIFT, "v1beta1");
    CertificateAuthority authority = ChosenKubelet.foreignAuthority();
    String policy =
        """
        inventory:
          onMissing: Renew
          sources:
          - name: machines
            machines: {group: machine.openshift.io, version: v1beta1, namespace: kube-public}
        renewal:
          kubeletCertificateAuthority:
            configMap: {namespace: kube-public, name: csr-controller-ca}
        """;
    try (SimulatedKubelet node = cluster.registeredNode();
        ApproverManager approver = start(cluster, policy);
        ChosenKubelet kubelet =
            ChosenKubelet.start(
                node.address(),
                ChosenKubelet.issue(
                    ChosenKubelet.clusterAuthority(cluster),
                    node.name(),
                    SubjectAltName.Ip.of(node.address()),
                    new SubjectAltName.Dns(node.name())))) {
      assertHeld(
          send(cluster, node), "FactUnknown", "ConfigMap kube-public/csr-controller-ca: 404");

      ObjectNode map = JSON.objectNode();
      map.put("apiVersion", "v1").put("kind", "ConfigMap");
      map.putObject("metadata").put("name", "csr-controller-ca");
      map.putObject("data").put("ca-bundle.crt", authority.certificate().toPem());
      cluster
          .operator()
          .post("/api/v1/namespaces/kube-public/configmaps", map)
          .orThrow("writing the authority");
      eventually(
          "a certificate of another authority to count for nothing",
          () -> reason(send(cluster, node)).equals("InventoryMissing"));

      kubelet.show(
          ChosenKubelet.issue(
              authority,
              node.name(),
              SubjectAltName.Ip.of(node.address()),
              new SubjectAltName.Dns(node.name())));
      eventually("the approval of all that waited", () -> allApproved(cluster, node));
      kubelet.show(
          ChosenKubelet.issue(authority, node.name(), SubjectAltName.Ip.of(node.address())));
      assertHeld(send(cluster, node), "InventoryMissing", node.name());
      assertThat(approver.awaitSynced(Duration.ZERO)).isTrue();
    }
  }

  @Test
  void serviceAccount_joinsMachinesThatAreNew_andNothingElse(StrictCluster strict)
      throws Exception {
    Cluster cluster = strict.cluster();
    install(cluster.operator(), OPENSHIFT, "v1beta1");
    recordsNamespace(cluster.operator());
    Path bootstrap = bootstrapKubeconfig(cluster);
    PolicyConfig config =
        config(
            """
            client: Strict
            inventory:
              sources:
              - name: machines
                machines:
                  group: machine.openshift.io
                  bootstrappers: [{namespace: default, serviceAccount: node-bootstrapper}]
            """);
    try (ApproverManager joins = strict.startJoins(config);
        SimulatedKubelet ordered = cluster.joining("ip-10-0-0-7.ec2.internal");
        ApiConnection thief = connect(bootstrap)) {
      String unordered = ask(thief, "ip-10-0-0-8.ec2.internal");
      create(cluster.operator(), OPENSHIFT, "v1beta1", named("new", ordered.name()));
      ordered.bootstrap(bootstrap);
      assertThat(ordered.kubeconfig()).exists();

      String again = ask(thief, ordered.name());
      create(cluster.operator(), OPENSHIFT, "v1beta1", named("late", "ip-10-0-0-9.ec2.internal"));
      try (SimulatedKubelet late = cluster.joining("ip-10-0-0-9.ec2.internal")) {
        late.bootstrap(bootstrap);
      }
      for (String waiting : List.of(unordered, again)) {
        assertThat(
                cluster
                    .operator()
                    .get(REQUESTS + "/" + waiting)
                    .orThrow("reading a request")
                    .at("/status/conditions"))
            .isEmpty();
      }
      assertThat(joins).isNotNull();
    }
  }

  /** What the approver's manifests bring with strict join; the test's own cluster has none. */
  private static void recordsNamespace(ApiConnection operator) throws Exception {
    ObjectNode namespace = JSON.objectNode();
    namespace.put("apiVersion", "v1").put("kind", "Namespace");
    namespace.putObject("metadata").put("name", BootstrapTokenGrant.DEFAULT_NAMESPACE);
    Answer created = operator.post("/api/v1/namespaces", namespace);
    assertThat(created.status()).as(created.message()).isIn(201, 409);
  }

  private static ApiConnection connect(Path kubeconfig) throws Exception {
    return new ApiConnection(ClientConfig.read(kubeconfig));
  }

  private Path bootstrapKubeconfig(Cluster cluster) throws Exception {
    ApiConnection operator = cluster.operator();
    ObjectNode account = JSON.objectNode();
    account.put("apiVersion", "v1").put("kind", "ServiceAccount");
    account.putObject("metadata").put("name", "node-bootstrapper");
    String accounts = "/api/v1/namespaces/default/serviceaccounts";
    operator.post(accounts, account).orThrow("making the ServiceAccount");
    ObjectNode binding = JSON.objectNode();
    binding.put("apiVersion", "rbac.authorization.k8s.io/v1").put("kind", "ClusterRoleBinding");
    binding.putObject("metadata").put("name", "node-bootstrapper");
    binding
        .putObject("roleRef")
        .put("apiGroup", "rbac.authorization.k8s.io")
        .put("kind", "ClusterRole")
        .put("name", "system:node-bootstrapper");
    binding
        .putArray("subjects")
        .addObject()
        .put("kind", "ServiceAccount")
        .put("name", "node-bootstrapper")
        .put("namespace", "default");
    operator
        .post("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding)
        .orThrow("letting the ServiceAccount ask");
    ObjectNode request = JSON.objectNode();
    request.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
    request.putObject("spec").put("expirationSeconds", 3600);
    String token =
        operator
            .post(accounts + "/node-bootstrapper/token", request)
            .orThrow("asking for a token")
            .at("/status/token")
            .asText();
    return Files.writeString(
        directory.resolve("bootstrap.kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        clusters:
        - {name: c, cluster: {server: "%s", certificate-authority: "%s"}}
        users:
        - {name: u, user: {token: "%s"}}
        contexts:
        - {name: x, context: {cluster: c, user: u}}
        current-context: x
        """
            .formatted(cluster.plane().server(), cluster.plane().layout().authority(), token));
  }

  private static String ask(ApiConnection sender, String node) throws Exception {
    ObjectNode csr = JSON.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    csr.putObject("metadata").put("generateName", "csr-");
    ObjectNode spec = csr.putObject("spec");
    spec.put("request", CsrForge.client(node).pem().getBytes(StandardCharsets.US_ASCII));
    spec.put("signerName", "kubernetes.io/kube-apiserver-client-kubelet");
    spec.putArray("usages").add("digital signature").add("client auth");
    return sender.post(REQUESTS, csr).orThrow("asking").at("/metadata/name").asText();
  }

  /** As small as a definition can be: the API server takes every field. */
  private static void install(ApiConnection operator, String group, String... versions)
      throws Exception {
    ObjectNode definition = JSON.objectNode();
    definition.put("apiVersion", "apiextensions.k8s.io/v1").put("kind", "CustomResourceDefinition");
    definition.putObject("metadata").put("name", "machines." + group);
    ObjectNode spec = definition.putObject("spec");
    spec.put("group", group).put("scope", "Namespaced");
    spec.putObject("names")
        .put("plural", "machines")
        .put("singular", "machine")
        .put("kind", "Machine")
        .put("listKind", "MachineList");
    for (String version : versions) {
      spec.withArray("versions")
          .addObject()
          .put("name", version)
          .put("served", true)
          .put("storage", version.equals(versions[0]))
          .putObject("schema")
          .putObject("openAPIV3Schema")
          .put("type", "object")
          .put("x-kubernetes-preserve-unknown-fields", true);
    }
    operator.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
    eventually(
        "Machines of " + group,
        () -> operator.get("/apis/" + group + "/" + versions[0] + "/machines").ok());
  }

  private static void create(
      ApiConnection operator, String group, String version, ObjectNode machine) throws Exception {
    machine.put("apiVersion", group + "/" + version).put("kind", "Machine");
    operator
        .post("/apis/" + group + "/" + version + "/namespaces/default/machines", machine)
        .orThrow("creating a Machine");
  }

  private static ObjectNode machine(
      String name, SimulatedKubelet node, String cluster, String address) {
    ObjectNode machine = named(name, node.name());
    if (!cluster.isEmpty()) {
      machine.withObject("/metadata/labels").put("cluster.x-k8s.io/cluster-name", cluster);
    }
    machine.withObject("/status/nodeRef").put("name", node.name());
    machine
        .withObject("/status")
        .withArray("addresses")
        .addObject()
        .put("type", "InternalIP")
        .put("address", address);
    return machine;
  }

  private static ObjectNode named(String name, String node) {
    ObjectNode machine = JSON.objectNode();
    machine.putObject("metadata").put("name", name);
    machine
        .putObject("status")
        .putArray("addresses")
        .addObject()
        .put("type", "InternalDNS")
        .put("address", node);
    return machine;
  }

  private static String address(SimulatedKubelet node) {
    return node.address().getHostAddress();
  }

  private static ApproverManager start(Cluster cluster, String policy) throws IOException {
    return ApproverManager.start(
        ApproverOptions.defaults(cluster.credentials(), new StringWriter())
            .withPolicy(config(policy))
            .withResync(Duration.ofSeconds(1)));
  }

  private static PolicyConfig config(String spec) {
    String text =
        "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec:\n" + spec.indent(2);
    return ApprovalPolicyFile.parse(text).orThrow();
  }

  private static TrialOutcome send(Cluster cluster, SimulatedKubelet node) throws Exception {
    return cluster
        .trial(node)
        .send(
            CsrForge.client(node.name()).withDns(node.name()).withIp(address(node)).pem(),
            CsrProbe.SERVING_USAGES,
            OptionalInt.empty());
  }

  private static void assertHeld(TrialOutcome outcome, String reason, String message) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            TrialOutcome.Deferred.class,
            held -> {
              assertThat(held.reason()).isEqualTo(reason);
              assertThat(held.message()).contains(message);
            });
  }

  private static String reason(TrialOutcome outcome) {
    return outcome instanceof TrialOutcome.Deferred(String reason, String _)
        ? reason
        : outcome.toString();
  }

  /** Whether every request of a node for a serving certificate is approved. */
  private static boolean allApproved(Cluster cluster, SimulatedKubelet node) throws Exception {
    boolean all = true;
    for (JsonNode request :
        cluster.operator().get(REQUESTS).orThrow("listing requests").path("items")) {
      if (request.at("/spec/username").asText().equals("system:node:" + node.name())
          && request.at("/spec/signerName").asText().endsWith("kubelet-serving")) {
        all &= request.at("/status/conditions/0/type").asText().equals("Approved");
      }
    }
    return all;
  }
}
