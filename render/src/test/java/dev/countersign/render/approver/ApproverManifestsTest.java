package dev.countersign.render.approver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.testkit.GoldenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class ApproverManifestsTest {
  private static final ApproverDeployment DEFAULTS = ApproverDeployment.defaults();

  /** Everything that a policy can need. */
  static final PolicyNeeds EVERYTHING =
      new PolicyNeeds(
          true,
          true,
          OptionalInt.of(10350),
          List.of(
              new PolicyNeeds.Destination.Anywhere(8443),
              new PolicyNeeds.Destination.Anywhere(8443),
              new PolicyNeeds.Destination.Address("2001:db8::7/128", 9443),
              new PolicyNeeds.Destination.ServiceOf("assets")),
          List.of(
              new PolicyNeeds.ConfigMapAccess("racks", "b"),
              new PolicyNeeds.ConfigMapAccess("kube-system", "nodes"),
              new PolicyNeeds.ConfigMapAccess("racks", "a")),
          List.of(
              new PolicyNeeds.MachineAccess("cluster.x-k8s.io", Optional.of("capi-system")),
              new PolicyNeeds.MachineAccess("machine.openshift.io", Optional.empty())),
          List.of("inventory.yaml", "ca.crt"),
          List.of("tls.crt", "tls.key"));

  private static Map<?, ?> object(ApproverDeployment deployment, String file) {
    return new Yaml(new SafeConstructor(new LoaderOptions()))
        .load(ApproverManifests.files(deployment).get(file));
  }

  private static String text(ApproverDeployment deployment, String file) {
    return String.valueOf(ApproverManifests.files(deployment).get(file));
  }

  @Test
  void base_isWhatTheCommandPrints() throws IOException {
    Path directory = Path.of("../deploy/kustomize/base");
    SequencedMap<String, String> files = ApproverManifests.files(DEFAULTS);
    files.put("kustomization.yaml", ApproverManifests.kustomization(DEFAULTS));
    GoldenFiles golden = GoldenFiles.in(directory.toString());
    files.forEach(golden::assertMatches);
    try (Stream<Path> there = Files.list(directory)) {
      assertThat(there.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(files.keySet());
    }
  }

  @Test
  void haOverlay_addsTheFilesThatTheCommandPrints() {
    added("overlays/ha", DEFAULTS.withReplicas(2));
  }

  @Test
  void components_areThoseThatTheCommandWrites() throws IOException {
    Map<String, ApproverDeployment> components =
        Map.of(
            "strict-join", DEFAULTS.withStrictJoin(),
            "metrics-secure", DEFAULTS.withSecureMetrics(),
            "host-network", DEFAULTS.at(ApproverPlace.HOST_NETWORK),
            "openshift", DEFAULTS.withPod(pod(true, List.of())),
            "node-certificate-metrics",
                DEFAULTS.withPod(pod(false, List.of("--node-certificate-metrics=500"))));
    for (Map.Entry<String, ApproverDeployment> component : components.entrySet()) {
      Path directory = Path.of("../deploy/kustomize/components", component.getKey());
      SequencedMap<String, String> files = ApproverComponent.files(component.getValue());
      files.forEach(GoldenFiles.in(directory.toString())::assertMatches);
      try (Stream<Path> there = Files.list(directory)) {
        assertThat(there.map(path -> path.getFileName().toString()))
            .containsExactlyInAnyOrderElementsOf(files.keySet());
      }
    }
    try (Stream<Path> there = Files.list(Path.of("../deploy/kustomize/components"))) {
      assertThat(there.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(components.keySet());
    }
  }

  private static PodSettings pod(boolean anyUser, List<String> arguments) {
    PodSettings defaults = PodSettings.defaults();
    return new PodSettings(
        defaults.place(),
        List.of(),
        Optional.empty(),
        defaults.apiServerPorts(),
        anyUser,
        arguments);
  }

  private static void added(String directory, ApproverDeployment deployment) {
    SequencedMap<String, String> files = ApproverManifests.files(deployment);
    files.keySet().removeAll(ApproverManifests.files(DEFAULTS).keySet());
    assertThat(files).isNotEmpty();
    files.forEach(GoldenFiles.in("../deploy/kustomize/" + directory)::assertMatches);
  }

  @Test
  void everyFile_isOneObjectWithAnIdentityOfItsOwn() {
    ApproverDeployment most =
        DEFAULTS.withReplicas(2).withStrictJoin().withPolicy("kind: ApprovalPolicy", EVERYTHING);
    for (ApproverDeployment deployment :
        List.of(DEFAULTS, most, most.at(ApproverPlace.CONTROL_PLANE))) {
      List<String> identities = new ArrayList<>();
      for (String file : ApproverManifests.files(deployment).keySet()) {
        Map<?, ?> object = object(deployment, file);
        Map<?, ?> metadata = (Map<?, ?>) Objects.requireNonNull(object.get("metadata"));
        identities.add(
            object.get("kind") + "/" + metadata.get("namespace") + "/" + metadata.get("name"));
      }
      assertThat(identities).doesNotHaveDuplicates().isNotEmpty();
    }
  }

  @Test
  void feature_switchedOff_leavesNoRuleBehind() {
    assertThat(ApproverManifests.stream(DEFAULTS))
        .doesNotContain("leases", "subjectaccessreviews", "apiserver-client-kubelet", "--leader");
    assertThat(ApproverManifests.stream(DEFAULTS.withReplicas(2)))
        .contains("leases", "--leader-elect", "PodDisruptionBudget", "topologySpreadConstraints");
    assertThat(ApproverManifests.stream(DEFAULTS.withStrictJoin()))
        .contains("kubernetes.io/kube-apiserver-client-kubelet", "--strict-join");
    assertThat(ApproverManifests.stream(DEFAULTS.withPolicy("kind: ApprovalPolicy", EVERYTHING)))
        .contains("subjectaccessreviews");
  }

  @Test
  void roles_haveNoWildcard() {
    String everything =
        ApproverManifests.stream(
            DEFAULTS
                .withReplicas(2)
                .withStrictJoin()
                .withPolicy("kind: ApprovalPolicy", EVERYTHING));
    assertThat(everything).doesNotContain("*", "secrets", "impersonate", "escalate");
  }

  @Test
  void policy_comesThroughAsItIs() {
    String policy = "# ours: \"quoted\" {{place}}\nkind: ApprovalPolicy\n\nspec:\n  mode: Audit\n";
    Map<?, ?> map =
        object(DEFAULTS.withPolicy(policy, PolicyNeeds.ofDefaultPolicy()), "policy.yaml");
    assertThat(map.get("data")).isEqualTo(Map.of("policy.yaml", policy));
  }

  @Test
  void otherNamespace_isEverywhere() {
    String text = ApproverManifests.stream(DEFAULTS.inNamespace("elsewhere"));
    assertThat(text)
        .contains("namespace: elsewhere")
        .doesNotContain("countersign-system", "kind: Namespace");
  }

  @Test
  void namespaceOfSomebodyElse_isNotAmongTheObjects() {
    assertThat(ApproverManifests.stream(DEFAULTS)).contains("kind: Namespace");
    ApproverDeployment elsewhere = DEFAULTS.inNamespace("elsewhere");
    assertThat(ApproverManifests.stream(elsewhere)).doesNotContain("kind: Namespace");
    assertThat(text(elsewhere.withNamespaceCreated(), "namespace.yaml"))
        .contains("name: elsewhere");
    assertThat(ApproverManifests.stream(DEFAULTS.inNamespace("kube-system")))
        .doesNotContain("kind: Namespace");
    for (String kubernetes : List.of("kube-system", "default")) {
      assertThatThrownBy(() -> DEFAULTS.inNamespace(kubernetes).withNamespaceCreated())
          .hasMessageStartingWith("create-namespace: got it with namespace \"" + kubernetes);
    }
  }

  @Test
  void waysOut_areThoseThatThePolicyNeeds() {
    Map<?, ?> spec =
        (Map<?, ?>)
            Objects.requireNonNull(
                object(
                        DEFAULTS.withPolicy("kind: ApprovalPolicy", EVERYTHING),
                        "network-policy.yaml")
                    .get("spec"));
    assertThat(String.valueOf(spec.get("egress")))
        .isEqualTo(
            "[{ports=[{protocol=TCP, port=443}, {protocol=TCP, port=6443}]}, {ports=[{protocol=TCP,"
                + " port=10350}]}, {ports=[{protocol=UDP, port=53}, {protocol=TCP, port=53}]},"
                + " {ports=[{protocol=TCP, port=8443}]}, {to=[{ipBlock={cidr=2001:db8::7/128}}],"
                + " ports=[{protocol=TCP, port=9443}]},"
                + " {to=[{namespaceSelector={matchLabels={kubernetes.io/metadata.name=assets}}}]}]");
  }

  @Test
  void rights_areThoseThatThePolicyNeeds() {
    ApproverDeployment deployment = DEFAULTS.withPolicy("kind: ApprovalPolicy", EVERYTHING);
    assertThat(text(deployment, "inventory-role-racks.yaml"))
        .contains("resources: [configmaps]", "resourceNames: [a, b]", "verbs: [get]");
    assertThat(text(deployment, "inventory-role-kube-system.yaml"))
        .contains("resourceNames: [nodes]");
    assertThat(text(deployment, "machines-cluster-role.yaml"))
        .contains("apiGroups: [machine.openshift.io]", "verbs: [list]");
    assertThat(text(deployment, "machines-role-capi-system.yaml"))
        .contains("apiGroups: [cluster.x-k8s.io]", "namespace: capi-system");
    assertThat(ApproverManifests.files(deployment))
        .containsKeys("machines-cluster-role-binding.yaml", "inventory-role-binding-racks.yaml");
  }

  @Test
  void files_areMountedBesideThePolicy() {
    ApproverDeployment deployment =
        DEFAULTS
            .withPolicy("kind: ApprovalPolicy", EVERYTHING)
            .withStrictJoin()
            .withJoinFiles(new JoinFiles(Optional.of("a: 1"), Optional.of("b: 2\n\nc: 3")));
    assertThat(text(deployment, "deployment.yaml"))
        .contains(
            "--join-inventory=/etc/countersign/join-inventory.yaml",
            "--attestation=/etc/countersign/join-attestation.yaml",
            """
                  - name: policy
                    projected:
                      sources:
                      - configMap:
                          name: countersign-policy
                      - configMap:
                          name: countersign-join
                      - configMap:
                          name: countersign-files
                          items:
                          - key: inventory.yaml
                            path: inventory.yaml
                          - key: ca.crt
                            path: ca.crt
                      - secret:
                          name: countersign-files
                          items:
                          - key: tls.crt
                            path: tls.crt
                          - key: tls.key
                            path: tls.key
            """);
    assertThat(object(deployment, "join-files.yaml").get("data"))
        .isEqualTo(
            Map.of("join-inventory.yaml", "a: 1\n", "join-attestation.yaml", "b: 2\n\nc: 3\n"));
    assertThat(text(DEFAULTS, "deployment.yaml")).doesNotContain("projected");
    assertThatThrownBy(() -> DEFAULTS.withJoinFiles(deployment.joinFiles()))
        .hasMessageContaining("want --strict-join or client: Strict in the policy");
  }

  @Test
  void controllers_listenOnLoopbackOnly() {
    String text = text(DEFAULTS.at(ApproverPlace.CONTROL_PLANE), "deployment.yaml");
    assertThat(text)
        .contains(
            "hostNetwork: true",
            "--metrics-bind-address=127.0.0.1:10269",
            "--health-probe-bind-address=127.0.0.1:10268");
    assertThat(text(DEFAULTS, "deployment.yaml")).doesNotContain("hostNetwork");
  }

  @Test
  void otherPods_areWhatIsAskedFor() {
    PodSettings pod =
        new PodSettings(
            ApproverPlace.ANY_NODE,
            List.of("registry", "mirror.example.com"),
            Optional.of(new PodSettings.ApiServer("api.example.com", 7443)),
            List.of(443),
            true,
            List.of("--leader-elect-lease-duration=1m"));
    ApproverDeployment deployment = DEFAULTS.withPod(pod);
    assertThat(text(deployment, "deployment.yaml"))
        .contains(
            """
                  imagePullSecrets:
                  - name: registry
                  - name: mirror.example.com
            """,
            """
                    env:
                    - name: KUBERNETES_SERVICE_HOST
                      value: "api.example.com"
                    - name: KUBERNETES_SERVICE_PORT
                      value: "7443"
            """,
            "- --log-format=json\n        - --leader-elect-lease-duration=1m\n",
            "runAsNonRoot: true")
        .doesNotContain("runAsUser", "runAsGroup");
    assertThat(String.valueOf(object(deployment, "network-policy.yaml").get("spec")))
        .contains("{ports=[{protocol=TCP, port=443}, {protocol=TCP, port=7443}]}", "port=53");
    assertThatThrownBy(
            () ->
                new PodSettings(
                    ApproverPlace.ANY_NODE,
                    List.of("No Secret"),
                    Optional.empty(),
                    List.of(),
                    false,
                    List.of()))
        .hasMessage("image-pull-secret: got \"No Secret\"; want the name of a Secret");
    assertThatThrownBy(() -> new PodSettings.ApiServer("a", 70_000))
        .hasMessage("api-server: got port 70000; want 1 to 65535");
  }

  @Test
  void hostNetwork_needsNeitherServiceNorNetworkPolicy() {
    ApproverDeployment deployment = DEFAULTS.at(ApproverPlace.HOST_NETWORK);
    assertThat(ApproverManifests.files(deployment))
        .doesNotContainKeys("service.yaml", "network-policy.yaml");
    assertThat(text(deployment, "namespace.yaml")).contains("enforce: privileged");
    assertThat(text(deployment, "deployment.yaml"))
        .contains(
            "hostNetwork: true",
            "node.kubernetes.io/network-unavailable",
            "kubernetes.io/os: linux",
            "nodeAffinity")
        .doesNotContain("in-cluster");
  }

  @Test
  void values_thatCannotStandInAManifest_areRefused() {
    assertThatThrownBy(() -> DEFAULTS.inNamespace("a: b"))
        .hasMessage("namespace: got \"a: b\"; want a DNS label such as countersign-system");
    assertThatThrownBy(() -> DEFAULTS.withImage("a\nb:1"))
        .hasMessageStartingWith("image: got ")
        .hasMessageEndingWith(
            "; want an image with its registry and a tag or digest, such as"
                + " quay.io/poseidon/kubelet:vX.Y.Z");
    for (String vague : List.of("registry.example.com/approver", "approver:1", "a b:1")) {
      assertThatThrownBy(() -> DEFAULTS.withImage(vague)).hasMessageStartingWith("image: got ");
    }
    assertThatThrownBy(() -> DEFAULTS.withReplicas(0))
        .hasMessage("replicas: got 0; want 1 or more");
    assertThatThrownBy(() -> DEFAULTS.withPolicy("a: \u0007", EVERYTHING))
        .hasMessage(
            "policy: got control characters; want printable text, which a manifest can hold");
  }
}
