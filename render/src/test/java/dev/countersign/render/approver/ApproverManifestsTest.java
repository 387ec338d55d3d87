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
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class ApproverManifestsTest {
  private static final ApproverDeployment DEFAULTS = ApproverDeployment.defaults();

  private static Map<?, ?> object(ApproverDeployment deployment, String file) {
    return new Yaml(new SafeConstructor(new LoaderOptions()))
        .load(ApproverManifests.files(deployment).get(file));
  }

  private static String text(ApproverDeployment deployment, String file) {
    return String.valueOf(ApproverManifests.files(deployment).get(file));
  }

  @Test
  void base_isWhatTheCommandPrints() throws IOException {
    Path folder = Path.of("../deploy/kustomize/base");
    SequencedMap<String, String> files = ApproverManifests.files(DEFAULTS);
    files.put("kustomization.yaml", ApproverManifests.kustomization(DEFAULTS));
    GoldenFiles golden = GoldenFiles.in(folder.toString());
    files.forEach(golden::assertMatches);
    try (Stream<Path> there = Files.list(folder)) {
      assertThat(there.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(files.keySet());
    }
  }

  @Test
  void overlays_addTheFilesThatTheCommandPrints() {
    added("overlays/ha", DEFAULTS.withReplicas(2));
    added("components/strict-join", DEFAULTS.withStrictJoin());
  }

  private static void added(String folder, ApproverDeployment deployment) {
    SequencedMap<String, String> files = ApproverManifests.files(deployment);
    files.keySet().removeAll(ApproverManifests.files(DEFAULTS).keySet());
    assertThat(files).isNotEmpty();
    files.forEach(GoldenFiles.in("../deploy/kustomize/" + folder)::assertMatches);
  }

  @Test
  void everyFile_isOneObjectWithAnIdentityOfItsOwn() {
    ApproverDeployment most =
        DEFAULTS.withReplicas(2).withStrictJoin().withPolicy("kind: ApprovalPolicy", true);
    for (ApproverDeployment deployment :
        List.of(DEFAULTS, most, most.at(ApproverPlace.CONTROLLERS))) {
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
    assertThat(ApproverManifests.stream(DEFAULTS.withPolicy("kind: ApprovalPolicy", true)))
        .contains("subjectaccessreviews");
  }

  @Test
  void roles_haveNoWildcard() {
    String everything =
        ApproverManifests.stream(
            DEFAULTS.withReplicas(2).withStrictJoin().withPolicy("kind: ApprovalPolicy", true));
    assertThat(everything).doesNotContain("*", "secrets", "impersonate", "escalate");
  }

  @Test
  void policy_comesThroughAsItIs() {
    String policy = "# ours: \"quoted\" {{place}}\nkind: ApprovalPolicy\n\nspec:\n  mode: DryRun\n";
    Map<?, ?> map = object(DEFAULTS.withPolicy(policy, false), "policy.yaml");
    assertThat(map.get("data")).isEqualTo(Map.of("policy.yaml", policy));
  }

  @Test
  void otherNamespace_isEverywhere() {
    String text = ApproverManifests.stream(DEFAULTS.inNamespace("elsewhere"));
    assertThat(text).contains("namespace: elsewhere").doesNotContain("countersign-system");
  }

  @Test
  void controllers_listenOnLoopbackOnly() {
    String text = text(DEFAULTS.at(ApproverPlace.CONTROLLERS), "deployment.yaml");
    assertThat(text).contains("hostNetwork: true", "--metrics-address=127.0.0.1:10269");
    assertThat(text(DEFAULTS, "deployment.yaml")).doesNotContain("hostNetwork");
  }

  @Test
  void values_thatCannotStandInAManifest_areRefused() {
    assertThatThrownBy(() -> DEFAULTS.inNamespace("a: b"))
        .hasMessage("namespace: got \"a: b\"; want a DNS label such as countersign-system");
    assertThatThrownBy(() -> DEFAULTS.withImage("a\nb"))
        .hasMessageStartingWith("image: got ")
        .hasMessageEndingWith("; want a reference such as registry.example.com/name:tag");
    assertThatThrownBy(() -> DEFAULTS.withReplicas(0))
        .hasMessage("replicas: got 0; want 1 or more");
    assertThatThrownBy(() -> DEFAULTS.withPolicy("a: \u0007", false))
        .hasMessage(
            "policy: got control characters; want printable text, which a manifest can hold");
  }
}
