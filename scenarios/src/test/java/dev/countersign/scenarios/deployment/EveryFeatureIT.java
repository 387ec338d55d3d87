package dev.countersign.scenarios.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.scenarios.fixture.ChosenKubelet;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.IdentityProvider;
import dev.countersign.scenarios.fixture.Kubectl;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.scenarios.fixture.StrictCluster;
import dev.countersign.testbed.api.ApiConnection;
import dev.countersign.testbed.api.ClientConfig;
import dev.countersign.testbed.node.SimulatedKubelet;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.LoopbackDns;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.key.PrivateKeyFormat;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One policy with every field, deployed each of the three ways, decides with the rights, files and
 * flags that the way gives it, and with no others.
 */
@OnControlPlane
class EveryFeatureIT {
  private static final String NAMESPACE = ApproverDeployment.DEFAULT_NAMESPACE;
  private static final String USER = "system:serviceaccount:" + NAMESPACE + ":countersign-approver";
  private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  private static final String CLIENT = "kubernetes.io/kube-apiserver-client-kubelet";
  private static final String SERVING = "kubernetes.io/kubelet-serving";

  /** Not the default, and not what any other scenario listens on. */
  private static final int KUBELET_PORT = 10260;

  private static final String POLICY =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ApprovalPolicy
      metadata:
        name: everything
      spec:
        mode: Enforce
        client: Strict
        requestors: {others: Deny}
        limits:
          requestBytes: 8192
          names: 20
          expiration: {min: 1h, max: 30d}
          pendingPerNode: 5
        keys:
          algorithms: [ECDSA, Ed25519]
          curves: [P-256]
          rsaBits: {min: 3072, max: 4096}
        names:
          allowedPatterns: ["node-*", "*.nodes.example.com"]
          allowIDN: [xn--nxasmq6b.example.com]
          allowUnderscore: true
          allowTrailingDot: true
          nodeNamePrefix: Required
          resolution: Required
          resolutionTimeout: 10s
          searchDomains: [nodes.example.com]
          additionalAddressRanges: [198.51.100.0/24]
        addresses:
          allowedRanges: [198.18.0.0/15, "2001:db8::/32"]
          specialRanges: [169.254.1.0/24]
          allowAsDnsNames: true
        protected:
          clusterDomains: [cluster.local, k8s.example.com]
          names: [vault.example.com]
          domains: [internal.example.com]
          ranges: [10.0.255.0/24]
          serviceExternalAddresses: Ignore
          controlPlaneNodes: [controller-1]
          podCIDRs: [10.244.0.0/16]
          serviceCIDRs: [10.3.0.0/16]
          nodeCIDRMaskSizeIPv4: 23
          nodeCIDRMaskSizeIPv6: 80
        ownership:
          mode: Enforce
          sharedNames: [gateway.example.com]
          sharedRanges: [203.0.113.7]
          reclaim: 2m
          siblingNames: FirstClaim
          perNode:
            recordBytes: 32768
            changeBurst: 20
            changeInterval: 1s
        subjectAccessReview:
          mode: Required
          verb: create
          group: certificates.k8s.io
          resource: certificatesigningrequests
          subresource: selfnodeserver
        inventory:
          sources:
            - name: cmdb
              file: {path: /etc/countersign/inventory.yaml}
            - name: team
              configMap: {namespace: kube-public, name: nodes, key: nodes.yaml}
            - name: here
              machines:
                group: machine.openshift.io
                version: v1beta1
                namespace: kube-public
            - name: management
              machines:
                namespace: default
                labelSelector: cluster.x-k8s.io/cluster-name=every
                kubeconfig: /etc/countersign/management/kubeconfig
                bootstrappers:
                  - namespace: kube-public
                    serviceAccount: node-bootstrapper
                    window: 1h
            - name: asset-service
              webhook:
                url: https://assets.example.com:ASSETS_PORT/node
                caFile: /etc/countersign/assets-ca.crt
                clientCertificateFile: /etc/countersign/client.crt
                clientKeyFile: /etc/countersign/client.key
                timeout: 10s
          combine: Any
          replacesNodeStatus: true
          onMissing: Renew
        renewal:
          onChange: Notice
          resolveContested: true
          kubeletPort: 10260
          kubeletCertificateAuthority:
            configMap: {namespace: kube-public, name: kubelet-ca, key: ca.crt}
        rules:
          - name: zone
            expression: "'topology.kubernetes.io/zone' in node.labels"
            message: the Node has no zone
            costLimit: 500
      """;

  /** What the scenario brings to a cluster, beside what the ways bring. */
  private static final String SURROUNDINGS =
      """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: every-feature-selfnodeserver}
      rules:
      - apiGroups: [certificates.k8s.io]
        resources: [certificatesigningrequests/selfnodeserver]
        verbs: [create]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: every-feature-selfnodeserver}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: every-feature-selfnodeserver}
      subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:nodes"}]
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: node-bootstrapper, namespace: kube-public}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: every-feature-bootstrapper}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:node-bootstrapper"}
      subjects: [{kind: ServiceAccount, name: node-bootstrapper, namespace: kube-public}]
      """;

  /** Who may list Machines in the management cluster, and nothing else there. */
  private static final String READER =
      """
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: every-feature-reader, namespace: default}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: Role
      metadata: {name: every-feature-reader, namespace: default}
      rules: [{apiGroups: [cluster.x-k8s.io], resources: [machines], verbs: [list]}]
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: every-feature-reader, namespace: default}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: every-feature-reader}
      subjects: [{kind: ServiceAccount, name: every-feature-reader, namespace: default}]
      """;

  @TempDir private Path directory = Path.of(".");

  @Test
  void policyOfThisScenario_hasEveryField() throws Exception {
    Set<String> wanted = fields(Files.readString(Path.of("../examples/policies/everything.yaml")));
    assertThat(fields(POLICY)).containsAll(wanted);
  }

  @Test
  void namespaceThatIsNotThere_isToldWithTheFilesThatTheChartWants(Cluster cluster)
      throws Exception {
    Ran refused =
        Helm.obtain(directory)
            .release(
                "install",
                cluster.plane().layout().adminKubeconfig(),
                "../deploy/helm/countersign",
                "--namespace=nowhere",
                "--create-namespace",
                "--set=policy.inventory.sources[0].name=a,"
                    + "policy.inventory.sources[0].file.path=/etc/countersign/a/nodes.yaml");
    assertThat(refused.status()).isNotZero();
    assertThat(refused.err())
        .contains(
            "got no ConfigMap countersign-files in namespace nowhere; want one with the keys"
                + " a-nodes.yaml; kubectl create namespace nowhere && kubectl create configmap"
                + " countersign-files -n nowhere --from-file=a-nodes.yaml=FILE");
  }

  private static Set<String> fields(String policy) throws IOException {
    Set<String> fields = new TreeSet<>();
    collect("", new YAMLMapper().readTree(policy), fields);
    return fields;
  }

  private static void collect(String at, JsonNode node, Set<String> fields) {
    fields.add(at);
    node.properties()
        .forEach(field -> collect(at + "." + field.getKey(), field.getValue(), fields));
    if (node.isArray()) {
      node.forEach(element -> collect(at + "[]", element, fields));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void policyWithEveryField_decides_byWhatItsDeploymentBrings(
      Way way, StrictCluster strict, Cluster management) throws Exception {
    Cluster cluster = strict.cluster();
    CertificateAuthority authority = ChosenKubelet.foreignAuthority();
    IdentityProvider cloud = IdentityProvider.create();
    String nameserver = cluster.plane().server().getHost().replaceFirst("[0-9]+$", "53");
    try (LoopbackDns dns = LoopbackDns.startAt(InetAddress.getByName(nameserver));
        AssetService assets =
            AssetService.start(
                authority,
                ChosenKubelet.issue(
                    authority, "assets", new SubjectAltName.Dns("assets.example.com")));
        SimulatedKubelet inFile = cluster.newNode();
        SimulatedKubelet inConfigMap = cluster.newNode();
        SimulatedKubelet inMachines = cluster.newNode();
        SimulatedKubelet inManagement = cluster.newNode();
        SimulatedKubelet inWebhook = cluster.newNode();
        SimulatedKubelet renewing = cluster.newNode()) {
      List<SimulatedKubelet> listed =
          List.of(inFile, inConfigMap, inMachines, inManagement, inWebhook);
      dns.resolve("assets.example.com", "127.0.0.1");
      dns.resolve(inFile.name(), address(inFile));
      for (SimulatedKubelet node : List.of(inConfigMap, inMachines, inWebhook, renewing)) {
        dns.resolve(node.name() + ".nodes.example.com", address(node));
      }
      dns.resolve(inManagement.name(), address(inManagement));
      Kubectl.apply(cluster, SURROUNDINGS);
      machines(cluster, "machine.openshift.io", "v1beta1");
      machines(management, "cluster.x-k8s.io", "v1beta2");
      assertThat(Kubectl.get(cluster, "get", "clusterrole", "-o=name"))
          .doesNotContain("countersign-approver");

      Way.Order order =
          new Way.Order(
              cluster,
              Helm.obtain(Files.createDirectory(directory.resolve("helm"))),
              Files.createDirectory(directory.resolve("order")),
              write("policy.yaml", POLICY.replace("ASSETS_PORT", String.valueOf(assets.port()))),
              write("join-inventory.yaml", inventory(listed)),
              write("attestation.yaml", cloud.attestation()),
              files(authority, management, inFile));
      way.deploy(order);
      try {
        asThePolicyAsks(cluster, assets.port());
        try (ApproverPod approver =
            ApproverPod.start(cluster, directory.resolve("pod"), Optional.of(nameserver))) {
          eventually("ready", approver, () -> approver.probe("readinessProbe") == 200);

          joinedByToken(strict, listed);
          joinedByItsMachine(cluster, management, approver, renewing);
          joinedByItsDocument(strict, cloud, approver);
          for (SimulatedKubelet node : List.of(inFile, inConfigMap, inMachines, renewing)) {
            register(cluster, node);
          }
          register(cluster, inManagement);
          register(cluster, inWebhook);

          Kubectl.apply(cluster, configMap("nodes", "nodes.yaml", inventory(List.of(inConfigMap))));
          Kubectl.apply(
              cluster,
              configMap(
                  "kubelet-ca",
                  "ca.crt",
                  ChosenKubelet.clusterAuthority(cluster).certificate().toPem()));
          Kubectl.apply(
              cluster, machine(inMachines, "machine.openshift.io/v1beta1", "kube-public"));
          Kubectl.apply(management, machine(inManagement, "cluster.x-k8s.io/v1beta2", "default"));
          assets.add(inWebhook.name(), address(inWebhook));
          for (SimulatedKubelet node : listed) {
            node.serve(KUBELET_PORT);
          }

          renewsWhatItServes(cluster, renewing);
          hostileRequestsAreDenied(strict, approver, inFile, inWebhook);
          nothingWasForbidden(cluster, approver);
          assertThat(approver.end()).isZero();
        }
      } finally {
        way.undeploy(order);
        Kubectl.get(
            cluster,
            "delete",
            "-n",
            NAMESPACE,
            "configmap/countersign-files",
            "secret/countersign-files");
        // What an approver has on record outlives it, and commands would ask whose records to take.
        Kubectl.get(cluster, "delete", "-n", NAMESPACE, "configmap", "-l", Shard.LABEL);
        Kubectl.run(cluster, SURROUNDINGS, "delete", "-f", "-").orThrow();
      }
    }
  }

  /** A way out for each thing that is asked: the webhook, kubelets, DNS. */
  private static void asThePolicyAsks(Cluster cluster, int assetsPort) throws Exception {
    String egress =
        cluster
            .operator()
            .get(
                "/apis/networking.k8s.io/v1/namespaces/"
                    + NAMESPACE
                    + "/networkpolicies/countersign-approver")
            .orThrow("reading the NetworkPolicy")
            .at("/spec/egress")
            .toString();
    assertThat(egress)
        .contains(
            "{\"protocol\":\"TCP\",\"port\":" + assetsPort + "}",
            "{\"protocol\":\"TCP\",\"port\":" + KUBELET_PORT + "}",
            "{\"protocol\":\"UDP\",\"port\":53}",
            "{\"protocol\":\"TCP\",\"port\":53}");
  }

  private void joinedByToken(StrictCluster strict, List<SimulatedKubelet> nodes) throws Exception {
    for (SimulatedKubelet node : nodes) {
      node.bootstrap(strict.token(directory, node.name(), "--require-inventory"));
    }
  }

  /** The ServiceAccount of all machines joins the one Machine that is new. */
  private void joinedByItsMachine(
      Cluster cluster, Cluster management, ApproverPod approver, SimulatedKubelet node)
      throws Exception {
    Kubectl.apply(
        management,
        """
        apiVersion: cluster.x-k8s.io/v1beta2
        kind: Machine
        metadata: {name: "%1$s", namespace: default, labels: {cluster.x-k8s.io/cluster-name: every}}
        status: {addresses: [{type: Hostname, address: "%1$s"}]}
        """
            .formatted(node.name()));
    node.bootstrap(
        kubeconfig(cluster, "bootstrap", token(cluster, "kube-public", "node-bootstrapper")));
    assertThat(approver.isAlive()).isTrue();
    Kubectl.get(management, "delete", "machines.cluster.x-k8s.io", node.name());
  }

  private void joinedByItsDocument(
      StrictCluster strict, IdentityProvider cloud, ApproverPod approver) throws Exception {
    String node = "cloud-" + System.nanoTime();
    Path token = strict.token(directory, node, "--require-attestation");
    try (ApiConnection bearer = new ApiConnection(ClientConfig.read(token))) {
      String request =
          send(bearer, CLIENT, CsrForge.client(node), Optional.of(cloud.document(node)));
      eventually("a verdict", approver, () -> !reasons(strict.cluster(), request).isEmpty());
      assertThat(reasons(strict.cluster(), request)).containsExactly("CountersignJoinApproved");
    }
  }

  private static void register(Cluster cluster, SimulatedKubelet node) throws Exception {
    // A port where nobody listens: which one is dialed is for the policy to say, not for the Node.
    node.register(KUBELET_PORT + 1);
    Kubectl.get(cluster, "label", "node", node.name(), "topology.kubernetes.io/zone=a");
  }

  /** No inventory has it, but a certificate of the authority that the policy names. */
  private static void renewsWhatItServes(Cluster cluster, SimulatedKubelet node) throws Exception {
    node.serveWith(
        ChosenKubelet.issue(
            ChosenKubelet.clusterAuthority(cluster),
            node.name(),
            SubjectAltName.Ip.of(node.address()),
            new SubjectAltName.Dns(node.name())),
        KUBELET_PORT);
    node.rotateServing();
  }

  private void hostileRequestsAreDenied(
      StrictCluster strict, ApproverPod approver, SimulatedKubelet node, SimulatedKubelet victim)
      throws Exception {
    Cluster cluster = strict.cluster();
    CsrForge own = CsrForge.client(node.name()).withDns(node.name()).withIp(address(node));
    String reserved =
        send(node.asNode(), SERVING, own.withDns("kubernetes.default.svc"), Optional.empty());
    String another = send(node.asNode(), SERVING, own.withIp(address(victim)), Optional.empty());
    Path token = strict.token(directory, "node-bound-" + System.nanoTime());
    try (ApiConnection thief = new ApiConnection(ClientConfig.read(token))) {
      String join = send(thief, CLIENT, CsrForge.client(victim.name()), Optional.empty());
      eventually("three verdicts", approver, () -> !reasons(cluster, join).isEmpty());
      assertThat(reasons(cluster, join)).containsExactly("TokenNotForNode");
    }
    eventually("a verdict", approver, () -> !reasons(cluster, reserved).isEmpty());
    assertThat(reasons(cluster, reserved)).containsExactly("NameReserved");
    eventually(
        "a line of " + another,
        approver,
        () -> approver.log().stream().anyMatch(line -> line.contains(another)));
    assertThat(reasons(cluster, another)).isEmpty();
  }

  private static void nothingWasForbidden(Cluster cluster, ApproverPod approver)
      throws IOException {
    assertThat(approver.log()).noneMatch(line -> line.matches("(?i).*(forbidden|\\b403\\b).*"));
    assertThat(approver.log()).noneMatch(line -> line.contains("\"level\":\"error\""));
    assertThat(AuditLog.requests(cluster.auditLog(), USER))
        .isNotEmpty()
        .allMatch(AuditLog.Request::allowed);
  }

  private Map<String, Path> files(
      CertificateAuthority authority, Cluster management, SimulatedKubelet inFile)
      throws Exception {
    Kubectl.apply(management, READER);
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, new SecureRandom());
    String client =
        authority
            .issue(
                CertificateProfile.client(
                    DistinguishedName.of(List.of(), "countersign"), Duration.ofDays(1)),
                keys.publicKey(),
                new SecureRandom(),
                Instant.now())
            .toPem();
    return Map.of(
        "inventory.yaml",
        write("inventory.yaml", inventory(List.of(inFile))),
        "assets-ca.crt",
        write("assets-ca.crt", authority.certificate().toPem()),
        "management-kubeconfig",
        kubeconfig(management, "management", token(management, "default", "every-feature-reader")),
        "client.crt",
        write("client.crt", client),
        "client.key",
        write(
            "client.key",
            keys.privateKeyPem(PrivateKeyFormat.PKCS8)
                .reveal(SecretAccess.because("a file of this test"))));
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private Path kubeconfig(Cluster cluster, String name, String token) throws IOException {
    String authority =
        Base64.getEncoder()
            .encodeToString(Files.readAllBytes(cluster.plane().layout().authority()));
    return write(
        name + ".kubeconfig",
        """
        apiVersion: v1
        kind: Config
        current-context: x
        contexts: [{name: x, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: {server: "%s", certificate-authority-data: "%s"}}]
        users: [{name: u, user: {token: "%s"}}]
        """
            .formatted(cluster.plane().server(), authority, token));
  }

  private static String token(Cluster cluster, String namespace, String account) throws Exception {
    return Kubectl.get(cluster, "create", "token", account, "-n", namespace).strip();
  }

  private static String inventory(List<SimulatedKubelet> nodes) {
    StringBuilder text =
        new StringBuilder("apiVersion: countersign.dev/v1alpha1\nkind: Inventory\nnodes:\n");
    for (SimulatedKubelet node : nodes) {
      text.append(
          "  %1$s: {names: [%1$s], addresses: [%2$s]}\n".formatted(node.name(), address(node)));
    }
    return text.toString();
  }

  private static String configMap(String name, String key, String content) {
    ObjectNode map = JsonNodeFactory.instance.objectNode();
    map.put("apiVersion", "v1").put("kind", "ConfigMap");
    map.putObject("metadata").put("name", name).put("namespace", "kube-public");
    map.putObject("data").put(key, content);
    return map.toString();
  }

  private static String machine(SimulatedKubelet node, String apiVersion, String namespace) {
    return """
    apiVersion: %1$s
    kind: Machine
    metadata: {name: "%3$s", namespace: %2$s, labels: {cluster.x-k8s.io/cluster-name: every}}
    status:
      nodeRef: {name: "%3$s"}
      addresses:
      - {type: Hostname, address: "%3$s"}
      - {type: InternalIP, address: "%4$s"}
    """
        .formatted(apiVersion, namespace, node.name(), address(node));
  }

  /** As small as a definition can be: the API server takes every field. */
  private static void machines(Cluster cluster, String group, String version) throws Exception {
    Kubectl.apply(
        cluster,
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: machines.%1$s}
        spec:
          group: %1$s
          scope: Namespaced
          names: {plural: machines, singular: machine, kind: Machine, listKind: MachineList}
          versions:
          - name: %2$s
            served: true
            storage: true
            schema:
              openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
        """
            .formatted(group, version));
    Kubectl.get(
        cluster, "wait", "--for=condition=Established", "--timeout=60s", "crd/machines." + group);
  }

  private static String address(SimulatedKubelet node) {
    return node.address().getHostAddress();
  }

  private static String send(
      ApiConnection by, String signer, CsrForge forge, Optional<String> document) throws Exception {
    ObjectNode csr = JsonNodeFactory.instance.objectNode();
    csr.put("apiVersion", "certificates.k8s.io/v1").put("kind", "CertificateSigningRequest");
    ObjectNode metadata = csr.putObject("metadata").put("generateName", "every-");
    document.ifPresent(text -> metadata.putObject("annotations").put(Attestation.ANNOTATION, text));
    ObjectNode spec = csr.putObject("spec").put("signerName", signer);
    spec.put("request", forge.pem().getBytes(StandardCharsets.US_ASCII));
    spec.putArray("usages")
        .add("digital signature")
        .add(signer.equals(SERVING) ? "server auth" : "client auth");
    return by.post(REQUESTS, csr).orThrow("sending a request").at("/metadata/name").asText();
  }

  private static List<String> reasons(Cluster cluster, String request) throws Exception {
    return cluster
        .operator()
        .get(REQUESTS + "/" + request)
        .orThrow("reading " + request)
        .at("/status/conditions")
        .findValuesAsText("reason");
  }

  private static void eventually(String what, ApproverPod approver, Callable<Boolean> look)
      throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (!look.call()) {
      if (!approver.isAlive() || System.nanoTime() > deadline) {
        throw new AssertionError(
            "got no %s within 90 s; the approver's last lines:%n%s"
                .formatted(
                    what,
                    String.join("\n", approver.log().reversed().stream().limit(30).toList())));
      }
      Thread.sleep(50);
    }
  }
}
