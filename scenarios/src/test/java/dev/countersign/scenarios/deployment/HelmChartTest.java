package dev.countersign.scenarios.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.render.approver.ApproverManifests;
import dev.countersign.render.approver.PolicyNeeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chart says what the manifests say. */
class HelmChartTest {
  private static final Path CHART = Path.of("../deploy/helm/countersign");
  private static final ApproverDeployment DEFAULTS = ApproverDeployment.defaults();

  private static @Nullable Helm prepared;

  @BeforeAll
  static void obtain(@TempDir Path home) throws IOException, InterruptedException {
    prepared = Helm.obtain(home);
  }

  private static Helm helm() {
    return Objects.requireNonNull(prepared);
  }

  private static SequencedMap<String, Map<?, ?>> chart(String... options)
      throws IOException, InterruptedException {
    return ManifestObjects.parse(helm().template(CHART, options).orThrow());
  }

  private static void same(SequencedMap<String, Map<?, ?>> chart, ApproverDeployment deployment) {
    SequencedMap<String, Map<?, ?>> manifests =
        ManifestObjects.parse(ApproverManifests.stream(deployment));
    // A release's namespace is Helm's to make; docs/operations/install.md labels it.
    assertThat(manifests.remove("Namespace countersign-system")).isNotNull();
    assertThat(chart.keySet()).containsExactlyInAnyOrderElementsOf(manifests.keySet());
    manifests.forEach(
        (identity, object) -> assertThat(chart.get(identity)).as(identity).isEqualTo(object));
  }

  @Test
  void lint_strict_findsNothing() throws Exception {
    assertThat(helm().lint(CHART).orThrow()).contains("0 chart(s) failed");
  }

  @Test
  void defaults_areTheBase() throws Exception {
    same(chart(), DEFAULTS);
  }

  @Test
  void twoReplicas_areTheHaOverlay() throws Exception {
    same(chart("--set", "replicas=2"), DEFAULTS.withReplicas(2));
  }

  @Test
  void strictJoin_isTheSameAsTheCommands() throws Exception {
    same(chart("--set", "replicas=3,strictJoin=true"), DEFAULTS.withReplicas(3).withStrictJoin());
  }

  @Test
  void policyWithAccessReview_isGrantedIt() throws Exception {
    String policy =
        """
        apiVersion: countersign.dev/v1alpha1
        kind: ApprovalPolicy
        spec:
          mode: ApproveOnly
          subjectAccessReview:
            verb: create
        """;
    same(
        chart("--set", "policy.mode=ApproveOnly,policy.subjectAccessReview.verb=create"),
        DEFAULTS.withPolicy(
            policy,
            new PolicyNeeds(
                true, false, true, List.of(), List.of(), List.of(), List.of(), List.of())));
    assertThat(chart("--set", "policy.subjectAccessReview.mode=Off"))
        .doesNotContainKey("ClusterRole countersign-approver-access-review");
  }

  @Test
  void monitoring_isOffUnlessAskedFor() throws Exception {
    assertThat(chart().keySet()).noneMatch(identity -> identity.contains("Monitor"));
    SequencedMap<String, Map<?, ?>> objects =
        chart(
            "--set",
            "monitoring.serviceMonitor.enabled=true,monitoring.prometheusRule.enabled=true,"
                + "monitoring.prometheusRule.labels.release=prometheus");
    assertThat(objects)
        .containsKeys(
            "ServiceMonitor countersign-system/countersign-approver",
            "PrometheusRule countersign-system/countersign-approver");
    Map<?, ?> alerts =
        ManifestObjects.yaml().load(Files.readString(Path.of("../deploy/monitoring/alerts.yaml")));
    Map<?, ?> rule =
        Objects.requireNonNull(
            objects.get("PrometheusRule countersign-system/countersign-approver"));
    assertThat(ManifestObjects.mapAt(rule, "spec")).isEqualTo(alerts);
  }

  @ParameterizedTest
  @CsvSource({
    "replicas=0, /replicas",
    "replicas=two, /replicas",
    "policy.mode=Yes, /policy/mode",
    "policy.moed=Enforce, moed",
    "policy.keys.rsaBits.min=1024, /policy/keys/rsaBits/min",
    "policy.ownership.reclaim=soon, /policy/ownership/reclaim",
    "strctJoin=true, strctJoin",
    "image.digest=sha256:abc, /image/digest",
    "networkPolicy.apiServerPorts[0]=99999, /networkPolicy/apiServerPorts",
    "logFormat=xml, /logFormat",
  })
  void valuesOutsideTheSchema_areRefused(String value, String named) throws Exception {
    Ran ran = helm().template(CHART, "--set", value);
    assertThat(ran.status()).isNotZero();
    assertThat(ran.err()).contains("values don't meet the specifications", named);
  }

  @Test
  void digest_isTakenInPlaceOfTheTag() throws Exception {
    String digest = "sha256:" + "0".repeat(64);
    assertThat(helm().template(CHART, "--set", "image.digest=" + digest).orThrow())
        .contains("image: \"quay.io/countersign/approver@" + digest + "\"");
  }

  @Test
  void schemaOfThePolicy_isThePolicyFilesOwn() throws Exception {
    ObjectMapper json = new ObjectMapper();
    JsonNode values = json.readTree(CHART.resolve("values.schema.json").toFile());
    JsonNode policy = json.readTree(Path.of("../docs/schema/approvalpolicy.schema.json").toFile());
    assertThat(values.at("/properties/policy")).isEqualTo(policy.at("/properties/spec"));
    assertThat(values.at("/$defs")).isEqualTo(policy.at("/$defs"));
  }
}
