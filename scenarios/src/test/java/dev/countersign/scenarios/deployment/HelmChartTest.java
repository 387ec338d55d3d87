package dev.countersign.scenarios.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import dev.countersign.common.ParseResult;
import dev.countersign.policy.config.Names;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.file.ApprovalPolicyFile;
import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.render.approver.ApproverManifests;
import dev.countersign.render.approver.ApproverPlace;
import dev.countersign.render.approver.PodSettings;
import dev.countersign.render.approver.PolicyNeeds;
import dev.countersign.scenarios.fixture.Ran;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
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
  void secureMetrics_areTheSameAsTheCommands() throws Exception {
    same(chart("--set", "metrics.secure=true"), DEFAULTS.withSecureMetrics());
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
                true,
                false,
                OptionalInt.of(10250),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of())));
    assertThat(chart("--set", "policy.subjectAccessReview.mode=Off"))
        .doesNotContainKey("ClusterRole countersign-approver-access-review");
  }

  /** What the command derives from a policy and prints, without what Helm itself makes. */
  private static void sameFromPolicy(String spec, String... values) throws Exception {
    Path directory = Files.createTempDirectory("countersign-chart-");
    Path policy =
        Files.writeString(
            directory.resolve("policy.yaml"),
            "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec:\n" + spec.indent(2));
    Path given = Files.writeString(directory.resolve("values.yaml"), "policy:\n" + spec.indent(2));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Console console = Console.plain(new PrintWriter(out, true), new PrintWriter(err, true));
    assertThat(Countersign.run(console, "manifests", "--policy=" + policy))
        .as(err.toString())
        .isZero();
    List<String> options = new ArrayList<>(List.of("--values=" + given));
    options.addAll(List.of(values));
    SequencedMap<String, Map<?, ?>> wanted = ManifestObjects.parse(out.toString());
    wanted.remove("Namespace countersign-system");
    SequencedMap<String, Map<?, ?>> chart = chart(options.toArray(String[]::new));
    assertThat(chart.keySet()).containsExactlyInAnyOrderElementsOf(wanted.keySet());
    wanted.forEach(
        (identity, object) -> assertThat(chart.get(identity)).as(identity).isEqualTo(object));
  }

  @Test
  void policyOfEveryKind_bringsWhatTheCommandDerivesFromIt() throws Exception {
    String everything =
        Files.readString(Path.of("../examples/policies/everything.yaml"))
            .replaceFirst("(?s)^.*\nspec:\n", "")
            .stripIndent();
    sameFromPolicy(everything);
    sameFromPolicy("mode: Enforce\nnames: {resolution: Required}\nclient: Strict\n");
    sameFromPolicy("mode: Enforce\nrenewal: {resolveContested: false}\n");
    sameFromPolicy("mode: Enforce\nrenewal: {resolveContested: false, onChange: Defer}\n");
    for (String url :
        List.of(
            "https://assets.example.com:8443/x",
            "https://192.0.2.9/x",
            "https://[2001:db8::9]:9443",
            "https://assets.cmdb.svc.cluster.local:8443/",
            "https://assets.cmdb.svc")) {
      sameFromPolicy(
          """
          mode: Enforce
          inventory:
            sources:
            - name: all
              machines: {}
            - name: some
              machines: {namespace: capi-system}
            - name: others
              machines: {namespace: openshift-machine-api, group: machine.openshift.io}
            - name: b
              configMap: {namespace: racks, name: b}
            - name: a
              configMap: {namespace: racks, name: a}
            - name: hook
              webhook:
                url: "%s"
                caFile: /etc/countersign/ca.crt
          """
              .formatted(url));
    }
  }

  /** The ConfigMap with the file is left out: Helm writes the same document in another way. */
  @Test
  void issuerThatPublishesItsKeys_bringsWhatTheCommandDerivesFromIt() throws Exception {
    for (String url :
        List.of(
            "https://cloud.example:8443/keys",
            "https://192.0.2.9/keys",
            "https://keys.spire.svc/keys")) {
      String attestation =
          """
          apiVersion: countersign.dev/v1alpha1
          kind: Attestation
          issuers:
          - issuer: https://cloud.example
            audience: cluster-1
            nodeClaim: instance.name
            jwksURI: "%s"
            caFile: /etc/countersign/cloud.crt
          """
              .formatted(url);
      Path directory = Files.createTempDirectory("countersign-chart-");
      Path file = Files.writeString(directory.resolve("attestation.yaml"), attestation);
      Path values =
          Files.writeString(
              directory.resolve("values.yaml"),
              "strictJoin: true\nattestation:\n" + attestation.indent(2));
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      Console console = Console.plain(new PrintWriter(out, true), new PrintWriter(err, true));
      assertThat(Countersign.run(console, "manifests", "--strict-join", "--attestation=" + file))
          .as(err.toString())
          .isZero();
      SequencedMap<String, Map<?, ?>> chart = chart("--values=" + values);
      ManifestObjects.parse(out.toString())
          .forEach(
              (identity, object) -> {
                if (identity.startsWith("NetworkPolicy ") || identity.startsWith("Deployment ")) {
                  assertThat(chart.get(identity)).as(identity + " " + url).isEqualTo(object);
                }
              });
    }
  }

  @Test
  void fileThatNothingIsMountedAt_isRefused() throws Exception {
    Ran ran =
        helm()
            .template(
                CHART,
                "--set",
                "policy.inventory.sources[0].name=a,"
                    + "policy.inventory.sources[0].file.path=/srv/inventory.yaml");
    assertThat(ran.status()).isNotZero();
    assertThat(ran.err())
        .contains("policy.inventory.sources[0].file.path: got \"/srv/inventory.yaml\"");
  }

  @Test
  void otherPods_areTheSameAsTheCommands() throws Exception {
    same(chart("--set", "hostNetwork=true"), DEFAULTS.at(ApproverPlace.HOST_NETWORK));
    same(
        chart(
            "--set",
            "hostNetwork=true,apiServer.host=192.0.2.1,imagePullSecrets[0].name=registry,"
                + "podSecurityContext.runAsUser=null,podSecurityContext.runAsGroup=null,"
                + "extraArgs[0]=--node-certificate-metrics=500"),
        DEFAULTS.withPod(
            new PodSettings(
                ApproverPlace.HOST_NETWORK,
                List.of("registry"),
                Optional.of(new PodSettings.ApiServer("192.0.2.1", 6443)),
                List.of(443, 6443),
                true,
                List.of("--node-certificate-metrics=500"))));
    for (String host : List.of("192.0.2.1", "2001:db8::1", "api.example.com")) {
      same(
          chart(
              "--set",
              "apiServer.host=" + host + ",apiServer.port=7443,networkPolicy.apiServerPorts={443}"),
          DEFAULTS.withPod(
              new PodSettings(
                  ApproverPlace.ANY_NODE,
                  List.of(),
                  Optional.of(new PodSettings.ApiServer(host, 7443)),
                  List.of(443),
                  false,
                  List.of())));
    }
    assertThat(
            helm()
                .template(CHART, "--set", "hostNetwork=true,monitoring.serviceMonitor.enabled=true")
                .err())
        .contains("monitoring.serviceMonitor.enabled: got true with hostNetwork");
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
    "policy.addresses.allowedRanges[0]=10.0.0.0/33, /policy/addresses/allowedRanges/0",
    "policy.addresses.allowedRanges[0]=10.0.0, /policy/addresses/allowedRanges/0",
    "policy.addresses.allowedRanges[0]=10.0.0.256, /policy/addresses/allowedRanges/0",
    "policy.protected.ranges[0]=fd00::/129, /policy/protected/ranges/0",
    "policy.ownership.sharedRanges[0]=everything, /policy/ownership/sharedRanges/0",
    "dnsPolicy=Sometimes, /dnsPolicy",
    "hostNetwork=yes please, /hostNetwork",
    "image.digest=sha256:abc, /image/digest",
    "networkPolicy.apiServerPorts[0]=99999, /networkPolicy/apiServerPorts",
    "logFormat=xml, /logFormat",
  })
  void valuesOutsideTheSchema_areRefused(String value, String named) throws Exception {
    Ran ran = helm().template(CHART, "--set", value);
    assertThat(ran.status()).isNotZero();
    assertThat(ran.err()).contains("values don't meet the specifications", named);
  }

  /** The list of PolicyValuesTest, which asks the policy's own reader about each value. */
  @Test
  void valuesThatThePolicyRefuses_areRefused(@TempDir Path directory) throws Exception {
    ObjectMapper yaml = YAMLMapper.builder().build();
    JsonNode refused =
        yaml.readTree(Path.of("../policy/src/test/resources/policy-values/values.yaml").toFile())
            .path("refused");
    int most = refused.valueStream().mapToInt(JsonNode::size).max().orElseThrow();
    for (int i = 0; i < most; i++) {
      ObjectNode values = yaml.createObjectNode();
      List<String> named = new ArrayList<>();
      for (var field : refused.properties()) {
        boolean list = field.getKey().endsWith("[]");
        if (i < field.getValue().size()) {
          String pointer = "/policy/" + field.getKey().replace("[]", "").replace('.', '/');
          JsonNode value = field.getValue().get(i);
          put(values, pointer, list ? yaml.createArrayNode().add(value) : value);
          named.add("'" + pointer + (list ? "/0" : "") + "'");
        }
      }
      Path given = Files.writeString(directory.resolve("values.yaml"), values.toString());
      Ran ran = helm().template(CHART, "--values=" + given);
      assertThat(ran.status()).isNotZero();
      assertThat(ran.err()).contains(named);
    }
  }

  private static void put(ObjectNode root, String pointer, JsonNode value) {
    String[] names = pointer.substring(1).split("/", -1);
    ObjectNode at = root;
    for (int i = 0; i < names.length - 1; i++) {
      at = at.withObjectProperty(names[i]);
    }
    at.set(names[names.length - 1], value);
  }

  /** Helm reads YAML 1.1, where a bare Off is false. */
  @Test
  void bareOff_isOff(@TempDir Path directory) throws Exception {
    Path given =
        Files.writeString(
            directory.resolve("values.yaml"),
            """
            policy:
              names: {resolution: Off, nodeNamePrefix: off}
              ownership: {mode: Off}
              subjectAccessReview: {mode: Off}
            """);
    SequencedMap<String, Map<?, ?>> chart = chart("--values=" + given);
    assertThat(chart.keySet()).isEqualTo(chart().keySet());
    Map<?, ?> map =
        Objects.requireNonNull(chart.get("ConfigMap countersign-system/countersign-policy"));
    String policy =
        new ObjectMapper().writeValueAsString(ManifestObjects.mapAt(map, "data", "policy.yaml"));
    assertThat(ApprovalPolicyFile.parse(policy))
        .isInstanceOfSatisfying(
            ParseResult.Parsed.class,
            parsed ->
                assertThat(parsed.value())
                    .isInstanceOfSatisfying(
                        PolicyConfig.class,
                        config -> {
                          assertThat(config.names()).isEqualTo(Names.defaults());
                          assertThat(config.ownership().enforced()).isFalse();
                          assertThat(config.access()).isEmpty();
                        }));
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
