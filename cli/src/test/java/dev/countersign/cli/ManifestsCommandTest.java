package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From one policy file, everything that it needs. */
class ManifestsCommandTest {
  private static final Path EVERYTHING = Path.of("../examples/policies/everything.yaml");
  private static final String HEADER =
      "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec:\n";

  @TempDir private Path directory;

  private Ran manifests(String spec, String... more) throws IOException {
    Path file = Files.writeString(directory.resolve("policy.yaml"), HEADER + spec.indent(2));
    List<String> words = new ArrayList<>(List.of("manifests", "--policy=" + file));
    words.addAll(List.of(more));
    return Ran.of(words.toArray(String[]::new));
  }

  @Test
  void everyFeature_bringsItsRightsFilesAndWaysOut() {
    Ran ran = Ran.of("manifests", "--policy=" + EVERYTHING);

    assertThat(ran.status()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains(
            // configMap: {namespace: kube-system, name: nodes}
            "  name: countersign-approver-inventory\n  namespace: kube-system\n",
            "  resourceNames: [nodes]\n  verbs: [get]\n",
            // renewal.kubeletCertificateAuthority.configMap
            "  name: countersign-approver-inventory\n  namespace: openshift-config-managed\n",
            "  resourceNames: [csr-controller-ca]\n  verbs: [get]\n",
            "resources: [subjectaccessreviews]",
            "kubernetes.io/kube-apiserver-client-kubelet",
            "name: countersign-join\n",
            "--strict-join",
            "- key: assets-ca.crt\n",
            "- key: client.key\n",
            "- key: management-kubeconfig\n                path: management/kubeconfig\n",
            // names.resolution: Required
            "    - protocol: UDP\n      port: 53\n");
    assertThat(ran.err())
        .contains(
            "warning: spec.inventory.sources[0].file.path: the pod reads key inventory.yaml of"
                + " ConfigMap countersign-files",
            "  kubectl create configmap countersign-files --namespace=countersign-system"
                + " --from-file=inventory.yaml=FILE --from-file=assets-ca.crt=FILE",
            "warning: spec.inventory.sources[3].webhook.clientKeyFile: the pod reads key client.key"
                + " of Secret countersign-files",
            "  kubectl create secret generic countersign-files --namespace=countersign-system"
                + " --from-file=management-kubeconfig=FILE --from-file=client.crt=FILE"
                + " --from-file=client.key=FILE",
            "warning: spec.inventory.sources[2].machines.kubeconfig: its user must be allowed to"
                + " list machines.machine.openshift.io",
            "warning: strict join: kube-controller-manager must not approve");
  }

  @Test
  void defaultPolicy_needsKubeletsAlone_andSaysNothing() throws IOException {
    Ran ran = manifests("mode: Enforce");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .contains("port: 10250")
        .doesNotContain("port: 53", "countersign-files", "machines", "--strict-join");
    assertThat(manifests("renewal: {resolveContested: false}").out()).doesNotContain("10250");
    assertThat(manifests("renewal: {resolveContested: false, onChange: Notice}").out())
        .contains("10250");
    assertThat(manifests("renewal: {kubeletPort: 10350}").out())
        .contains("port: 10350")
        .doesNotContain("10250");
  }

  @Test
  void machines_areListedInTheirGroupAndNamespace() throws IOException {
    String out =
        manifests(
                """
                inventory:
                  sources:
                  - {name: a, machines: {namespace: capi-system}}
                  - {name: b, machines: {group: machine.openshift.io}}
                """)
            .out();
    assertThat(out)
        .contains(
            "  name: countersign-approver-machines\n  namespace: capi-system\n",
            "- apiGroups: [cluster.x-k8s.io]\n  resources: [machines]\n  verbs: [list]\n",
            "- apiGroups: [machine.openshift.io]\n  resources: [machines]\n  verbs: [list]\n");
  }

  private String webhookEgress(String url) throws IOException {
    Ran ran =
        manifests(
            """
            renewal: {resolveContested: false}
            inventory:
              sources:
              - name: assets
                webhook: {url: "%s", caFile: /etc/countersign/ca.crt}
            """
                .formatted(url));
    assertThat(ran.status()).as(ran.err()).isZero();
    String policy =
        ran.out().substring(ran.out().indexOf("  egress:\n"), ran.out().length()).strip();
    return policy
        .replaceFirst("(?s)^egress:\n.*?port: 6443\n?", "")
        .replaceFirst("(?s)^  - ports:\n    - protocol: UDP.*?TCP\n      port: 53\n?", "DNS\n");
  }

  @Test
  void webhook_isLetOutToItsHostAndPort() throws IOException {
    assertThat(webhookEgress("https://assets.example.com/node"))
        .isEqualTo("DNS\n  - ports:\n    - protocol: TCP\n      port: 443");
    assertThat(webhookEgress("https://assets.example.com:8443"))
        .isEqualTo("DNS\n  - ports:\n    - protocol: TCP\n      port: 8443");
    assertThat(webhookEgress("https://192.0.2.9:8443/x"))
        .isEqualTo(
            """
            - to:
              - ipBlock:
                  cidr: "192.0.2.9/32"
              ports:
              - protocol: TCP
                port: 8443\
            """
                .indent(2)
                .stripTrailing());
    assertThat(webhookEgress("https://[2001:db8::9]/x")).contains("cidr: \"2001:db8::9/128\"");
    for (String service :
        List.of("https://assets.cmdb.svc/x", "https://assets.cmdb.svc.cluster.local:8443")) {
      assertThat(webhookEgress(service))
          .startsWith("DNS\n")
          .contains("kubernetes.io/metadata.name: cmdb")
          .doesNotContain("8443");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/srv/inventory.yaml",
        "/etc/countersign/deep/../inventory.yaml",
        "/etc/countersign//inventory.yaml",
        "/etc/countersign/",
        "/etc/countersign/in ventory.yaml",
        "/etc/countersign/policy.yaml",
        "/etc/countersign/../passwd",
      })
  void fileThatNothingIsMountedAt_isRefusedBeforeAnythingIsPrinted(String path) throws IOException {
    Ran ran = manifests("inventory: {sources: [{name: a, file: {path: \"%s\"}}]}".formatted(path));

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .contains("spec.inventory.sources[0].file.path: got \"" + path + "\"", "; want ");
  }

  @Test
  void strictPolicy_isDeployedWithWhatStrictJoinNeeds() throws IOException {
    Ran ran = manifests("client: Strict");

    assertThat(ran.out())
        .contains("--strict-join", "namespace: countersign-join", "subjectaccessreviews");
    assertThat(ran.err()).contains(":selfnodeclient (countersign node doctor names them)");
  }

  @Test
  void filesOfStrictJoin_areReadHere_andMounted() throws IOException {
    Path inventory =
        Files.writeString(
            directory.resolve("inventory"),
            "apiVersion: countersign.dev/v1alpha1\nkind: Inventory\nnodes:\n  node-a: {}\n");
    Ran ran = manifests("client: Strict", "--join-inventory=" + inventory);

    assertThat(ran.status()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains(
            "- --join-inventory=/etc/countersign/join-inventory.yaml",
            "  join-inventory.yaml: |\n    apiVersion: countersign.dev/v1alpha1\n",
            "          name: countersign-join\n");
    assertThat(manifests("mode: Enforce", "--join-inventory=" + inventory).err())
        .contains("--join-inventory, --attestation: got them without strict join");
    Files.writeString(inventory, "kind: Nothing\n");
    assertThat(manifests("client: Strict", "--join-inventory=" + inventory).err())
        .contains("--join-inventory " + inventory, "kind (line 1): got");
    assertThat(manifests("client: Strict", "--attestation=" + inventory).status()).isEqualTo(2);
  }

  private Ran issuer(String lines, String... more) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("attestation.yaml"),
            """
            apiVersion: countersign.dev/v1alpha1
            kind: Attestation
            issuers:
            - issuer: https://cloud.example
              audience: cluster-1
              nodeClaim: instance.name
            """
                + lines.indent(2));
    List<String> words =
        new ArrayList<>(List.of("manifests", "--strict-join", "--attestation=" + file));
    words.addAll(List.of(more));
    return Ran.of(words.toArray(String[]::new));
  }

  @Test
  void issuerThatPublishesItsKeys_isReached_andItsAuthorityIsMounted() throws IOException {
    Ran ran =
        issuer(
            """
            jwksURI: https://cloud.example:8443/keys
            caFile: /etc/countersign/cloud.crt
            """);

    assertThat(ran.status()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains("    - protocol: UDP\n      port: 53\n", "port: 8443", "- key: cloud.crt\n")
        .contains("port: 10250");
    assertThat(ran.err())
        .contains(
            "warning: --attestation: issuers[0].caFile: the pod reads key cloud.crt of ConfigMap"
                + " countersign-files");
    assertThat(issuer("jwksURI: https://192.0.2.9/keys").out())
        .contains("cidr: \"192.0.2.9/32\"")
        .doesNotContain("port: 53");
    Ran elsewhere = issuer("jwksURI: https://cloud.example\ncaFile: /srv/cloud.crt");
    assertThat(elsewhere.status()).isEqualTo(2);
    assertThat(elsewhere.err())
        .contains("--attestation: issuers[0].caFile: got \"/srv/cloud.crt\"");
  }

  @Test
  void namespaceOfOthers_isNeitherMadeNorDeleted() {
    Ran ran = Ran.of("manifests", "-n", "kube-system");

    assertThat(ran.out()).contains("namespace: kube-system").doesNotContain("kind: Namespace");
    assertThat(ran.err())
        .contains("--namespace kube-system: the Namespace is not among the objects");
    assertThat(Ran.of("manifests", "-n", "mine", "--create-namespace").out())
        .contains("kind: Namespace\nmetadata:\n  name: mine\n");
    Ran refused = Ran.of("manifests", "-n", "kube-system", "--create-namespace");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("--create-namespace: got it with namespace \"kube-system\"");
    assertThat(Ran.of("manifests").out()).contains("kind: Namespace\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"registry.example.com/approver", "approver:1.2.3", "a b", "x/y:"})
  void imageWithoutTagOrDigest_isRefused(String image) {
    Ran ran = Ran.of("manifests", "--image=" + image);

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err())
        .contains(
            "--image: got \"" + image + "\"; want an image with its registry and a tag or digest");
  }

  @Test
  void otherPods_areWhatTheOptionsSay() {
    Ran ran =
        Ran.of(
            "manifests",
            "--ha",
            "--host-network",
            "--openshift",
            "--api-server=[2001:db8::1]:7443",
            "--image-pull-secret=registry",
            "--leader-elect-lease-duration=1m",
            "--node-certificate-metrics=500");

    assertThat(ran.status()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains(
            "hostNetwork: true",
            "value: \"2001:db8::1\"",
            "value: \"7443\"",
            "- name: registry",
            "- --node-certificate-metrics=500",
            "- --leader-elect-lease-duration=1m",
            "pod-security.kubernetes.io/enforce: privileged")
        .doesNotContain("runAsUser", "kind: NetworkPolicy");
    assertThat(ran.err()).contains("oc adm policy add-scc-to-user hostnetwork-v2");
    assertThat(Ran.of("manifests", "--host-network", "-n", "kube-system").err())
        .contains("kubectl label namespace kube-system --overwrite");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--api-server=https://a/ | --api-server: got \"https://a/\"; want HOST or HOST:PORT",
        "--api-server=a_b:1 | --api-server: got \"a_b:1\"; want HOST or HOST:PORT",
        "--api-server=a:99999 | --api-server: got port 99999; want 1 to 65535",
        "--api-server-port=0 | --api-server-port: got port 0; want 1 to 65535",
        "--image-pull-secret=A | --image-pull-secret: got \"A\"; want the name of a Secret",
        "--node-certificate-metrics=-1 | --node-certificate-metrics: got -1; want 0 or more",
        "--leader-elect-lease-duration=30s | got it for one replica, which elects no leader",
        "--leader-elect-lease-duration=x | --leader-elect-lease-duration: got \"x\"; want 1s",
        "--component | --component: got it alone; want it with --out DIR"
      })
  void optionsThatFitNoCluster_areRefused(String option, String error) {
    Ran ran = Ran.of("manifests", option);

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains(error);
  }
}
