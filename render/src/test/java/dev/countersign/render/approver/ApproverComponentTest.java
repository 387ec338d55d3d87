package dev.countersign.render.approver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class ApproverComponentTest {
  private static final ApproverDeployment DEFAULTS = ApproverDeployment.defaults();

  private static Object parsed(SequencedMap<String, String> files, String name) {
    return new Yaml(new SafeConstructor(new LoaderOptions()))
        .load(Objects.requireNonNull(files.get(name)));
  }

  @Test
  void defaults_addNothing() {
    SequencedMap<String, String> files = ApproverComponent.files(DEFAULTS);
    assertThat(files.keySet()).containsExactly("kustomization.yaml");
    assertThat(files.get("kustomization.yaml")).doesNotContain("resources:", "patches:");
  }

  @Test
  void everyFile_isNamedInTheKustomization() {
    SequencedMap<String, String> files =
        ApproverComponent.files(
            DEFAULTS
                .withPolicy("kind: ApprovalPolicy", ApproverManifestsTest.EVERYTHING)
                .withStrictJoin()
                .withJoinFiles(new JoinFiles(Optional.of("a: 1"), Optional.of("b: 2"))));
    Map<?, ?> kustomization = (Map<?, ?>) parsed(files, "kustomization.yaml");
    List<Object> named = new ArrayList<>();
    named.add("kustomization.yaml");
    ((List<?>) Objects.requireNonNull(kustomization.get("patches")))
        .forEach(patch -> named.add(((Map<?, ?>) patch).get("path")));
    named.addAll((List<?>) Objects.requireNonNull(kustomization.get("resources")));
    assertThat(named).containsExactlyElementsOf(files.keySet());
    assertThat(String.valueOf(parsed(files, "deployment-patch.yaml")))
        .contains(
            "value=--strict-join",
            "value=--join-inventory=/etc/countersign/join-inventory.yaml",
            "value=--attestation=/etc/countersign/join-attestation.yaml",
            "{key=tls.key, path=tls.key}");
    assertThat(String.valueOf(parsed(files, "network-policy-patch.yaml"))).contains("port=8443");
  }
}
