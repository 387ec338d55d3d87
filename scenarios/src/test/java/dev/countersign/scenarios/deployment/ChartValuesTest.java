package dev.countersign.scenarios.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.testkit.GoldenFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.comments.CommentLine;
import org.yaml.snakeyaml.comments.CommentType;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** Each value of the chart changes what it says, and is in the chart's README. */
class ChartValuesTest {
  private static final Path CHART = Path.of("../deploy/helm/countersign");
  private static final String APPROVER = "countersign-system/countersign-approver";
  private static final String DEPLOYMENT = "Deployment " + APPROVER;
  private static final String POD = "/spec/template/spec";
  private static final String CONTAINER = POD + "/containers/0";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Values that are listed as wholes. */
  private static final Set<String> WHOLE =
      Set.of(
          "policy",
          "updateStrategy",
          "podSecurityContext",
          "securityContext",
          "livenessProbe",
          "readinessProbe",
          "nodeSelector",
          "resources",
          "affinity",
          "monitoring.dashboard.labels");

  private static @Nullable Helm prepared;

  @BeforeAll
  static void obtain(@TempDir Path home) throws IOException, InterruptedException {
    prepared = Helm.obtain(home);
  }

  private static Helm helm() {
    return Objects.requireNonNull(prepared);
  }

  /**
   * A value and what it changes.
   *
   * @param path of the value, as in {@code --set-json}
   * @param json what it is set to
   * @param object {@code Kind namespace/name}
   * @param pointer into the object (RFC 6901); the text {@code absent} in place of {@code wanted}
   *     says that nothing is there
   * @param with further values that it takes, as for {@code --set-json}
   */
  record Case(
      String path, String json, String object, String pointer, String wanted, List<String> with) {
    @Override
    public String toString() {
      return path + "=" + json;
    }
  }

  private static Case set(
      String path, String json, String object, String pointer, String wanted, String... with) {
    return new Case(path, json, object, pointer, wanted, List.of(with));
  }

  /** A value that is the same in an object. */
  private static Case copied(
      String path, String json, String object, String pointer, String... with) {
    return set(path, json, object, pointer, json, with);
  }

  static Stream<Case> cases() {
    String monitor = "ServiceMonitor " + APPROVER;
    String rule = "PrometheusRule " + APPROVER;
    String dashboard = "ConfigMap " + APPROVER + "-dashboard";
    String network = "NetworkPolicy " + APPROVER;
    String budget = "PodDisruptionBudget " + APPROVER;
    String two = "replicas=2";
    String monitored = "monitoring.serviceMonitor.enabled=true";
    return Stream.of(
        set("nameOverride", "\"a\"", "Deployment countersign-system/a", "/kind", "\"Deployment\""),
        set("fullnameOverride", "\"a\"", "ClusterRoleBinding a", "/roleRef/name", "\"a\""),
        set("commonLabels", "{\"team\":\"a\"}", network, "/metadata/labels/team", "\"a\""),
        set("commonLabels", "{\"team\":\"a\"}", DEPLOYMENT, "/metadata/labels/team", "\"a\""),
        set(
            "commonLabels",
            "{\"team\":\"a\"}",
            "Service " + APPROVER,
            "/metadata/labels/team",
            "\"a\""),
        set(
            "commonLabels",
            "{\"team\":\"a\"}",
            DEPLOYMENT,
            "/spec/selector/matchLabels",
            "{\"app.kubernetes.io/name\":\"countersign-approver\"}"),
        set(
            "image.repository",
            "\"r.example/a\"",
            DEPLOYMENT,
            CONTAINER + "/image",
            "\"r.example/a:0.1.0\""),
        set(
            "image.tag",
            "\"v9\"",
            DEPLOYMENT,
            CONTAINER + "/image",
            "\"quay.io/countersign/approver:v9\""),
        set(
            "image.digest",
            "\"sha256:" + "0".repeat(64) + "\"",
            DEPLOYMENT,
            CONTAINER + "/image",
            "\"quay.io/countersign/approver@sha256:" + "0".repeat(64) + "\""),
        copied("image.pullPolicy", "\"Always\"", DEPLOYMENT, CONTAINER + "/imagePullPolicy"),
        set(
            "image.pullSecrets",
            "[\"a\"]",
            DEPLOYMENT,
            POD + "/imagePullSecrets",
            "[{\"name\":\"a\"}]"),
        copied("imagePullSecrets", "[{\"name\":\"a\"}]", DEPLOYMENT, POD + "/imagePullSecrets"),
        set(
            "serviceAccount.create",
            "false",
            "ServiceAccount countersign-system/a",
            "",
            "absent",
            "serviceAccount.name=\"a\""),
        set(
            "serviceAccount.name",
            "\"a\"",
            "ServiceAccount countersign-system/a",
            "/kind",
            "\"ServiceAccount\""),
        set("serviceAccount.name", "\"a\"", DEPLOYMENT, POD + "/serviceAccountName", "\"a\""),
        set(
            "serviceAccount.name",
            "\"a\"",
            "ClusterRoleBinding countersign-approver",
            "/subjects/0/name",
            "\"a\""),
        copied(
            "serviceAccount.annotations",
            "{\"a\":\"b\"}",
            "ServiceAccount " + APPROVER,
            "/metadata/annotations"),
        set("rbac.create", "false", "ClusterRole countersign-approver", "", "absent"),
        set(
            "rbac.create",
            "false",
            "Role countersign-join/countersign-approver-join",
            "",
            "absent",
            "strictJoin=true"),
        copied("replicas", "3", DEPLOYMENT, "/spec/replicas"),
        set(
            "updateStrategy.type",
            "\"Recreate\"",
            DEPLOYMENT,
            "/spec/strategy",
            "{\"type\":\"Recreate\"}"),
        copied(
            "updateStrategy.rollingUpdate.maxSurge",
            "1",
            DEPLOYMENT,
            "/spec/strategy/rollingUpdate/maxSurge"),
        copied("revisionHistoryLimit", "2", DEPLOYMENT, "/spec/revisionHistoryLimit"),
        set("podDisruptionBudget.enabled", "false", budget, "", "absent", two),
        copied(
            "podDisruptionBudget.maxUnavailable", "\"50%\"", budget, "/spec/maxUnavailable", two),
        copied("podDisruptionBudget.minAvailable", "1", budget, "/spec/minAvailable", two),
        set("podDisruptionBudget.minAvailable", "1", budget, "/spec/maxUnavailable", "absent", two),
        set("strictJoin", "true", DEPLOYMENT, CONTAINER + "/args/5", "\"--strict-join\""),
        set(
            "joinInventory",
            "{\"kind\":\"Inventory\"}",
            "ConfigMap countersign-system/countersign-join",
            "/data/join-inventory.yaml/kind",
            "\"Inventory\"",
            "strictJoin=true"),
        set(
            "attestation",
            "{\"kind\":\"Attestation\"}",
            "ConfigMap countersign-system/countersign-join",
            "/data/join-attestation.yaml/kind",
            "\"Attestation\"",
            "strictJoin=true"),
        set("logFormat", "\"text\"", DEPLOYMENT, CONTAINER + "/args/4", "\"--log-format=text\""),
        set("extraArgs", "[\"--a=b c\"]", DEPLOYMENT, CONTAINER + "/args/5", "\"--a=b c\""),
        copied("env", "[{\"name\":\"A\",\"value\":\"1\"}]", DEPLOYMENT, CONTAINER + "/env"),
        set(
            "env",
            "[{\"name\":\"A\",\"value\":\"1\"}]",
            DEPLOYMENT,
            CONTAINER + "/env/2/name",
            "\"A\"",
            "apiServer.host=\"192.0.2.1\""),
        copied("envFrom", "[{\"secretRef\":{\"name\":\"a\"}}]", DEPLOYMENT, CONTAINER + "/envFrom"),
        set(
            "extraVolumes",
            "[{\"name\":\"a\",\"emptyDir\":{}}]",
            DEPLOYMENT,
            POD + "/volumes/2/name",
            "\"a\""),
        set(
            "extraVolumeMounts",
            "[{\"name\":\"a\",\"mountPath\":\"/a\"}]",
            DEPLOYMENT,
            CONTAINER + "/volumeMounts/2/mountPath",
            "\"/a\""),
        set(
            "extraObjects",
            "[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"{{"
                + " .Release.Name }}-a\"}}]",
            "ConfigMap countersign-a",
            "/kind",
            "\"ConfigMap\""),
        set(
            "extraObjects",
            "[\"apiVersion: v1\\nkind: Secret\\nmetadata: {name: a}\"]",
            "Secret a",
            "/kind",
            "\"Secret\""),
        set("podLabels", "{\"a\":\"b\"}", DEPLOYMENT, "/spec/template/metadata/labels/a", "\"b\""),
        copied(
            "podAnnotations", "{\"a\":\"b\"}", DEPLOYMENT, "/spec/template/metadata/annotations"),
        set(
            "podSecurityContext",
            "{\"runAsUser\":null,\"runAsGroup\":null}",
            DEPLOYMENT,
            POD + "/securityContext",
            "{\"runAsNonRoot\":true,\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}"),
        copied(
            "securityContext.privileged",
            "false",
            DEPLOYMENT,
            CONTAINER + "/securityContext/privileged"),
        copied(
            "livenessProbe.periodSeconds",
            "7",
            DEPLOYMENT,
            CONTAINER + "/livenessProbe/periodSeconds"),
        copied(
            "readinessProbe.periodSeconds",
            "7",
            DEPLOYMENT,
            CONTAINER + "/readinessProbe/periodSeconds"),
        copied(
            "startupProbe.periodSeconds",
            "7",
            DEPLOYMENT,
            CONTAINER + "/startupProbe/periodSeconds"),
        copied("hostNetwork", "true", DEPLOYMENT, POD + "/hostNetwork"),
        copied("dnsPolicy", "\"Default\"", DEPLOYMENT, POD + "/dnsPolicy"),
        copied("dnsConfig", "{\"searches\":[\"a.example\"]}", DEPLOYMENT, POD + "/dnsConfig"),
        set(
            "apiServer.host",
            "\"192.0.2.1\"",
            DEPLOYMENT,
            CONTAINER + "/env/0/value",
            "\"192.0.2.1\""),
        set(
            "apiServer.port",
            "7443",
            DEPLOYMENT,
            CONTAINER + "/env/1/value",
            "\"7443\"",
            "apiServer.host=\"192.0.2.1\""),
        copied("priorityClassName", "\"a\"", DEPLOYMENT, POD + "/priorityClassName"),
        copied(
            "resources.limits.memory",
            "\"512Mi\"",
            DEPLOYMENT,
            CONTAINER + "/resources/limits/memory"),
        copied(
            "resources.requests.cpu", "\"1\"", DEPLOYMENT, CONTAINER + "/resources/requests/cpu"),
        set("nodeSelector.a", "\"b\"", DEPLOYMENT, POD + "/nodeSelector/a", "\"b\""),
        copied("tolerations", "[{\"operator\":\"Exists\"}]", DEPLOYMENT, POD + "/tolerations"),
        set(
            "extraTolerations",
            "[{\"key\":\"a\"}]",
            DEPLOYMENT,
            POD + "/tolerations/6/key",
            "\"a\""),
        copied(
            "topologySpreadConstraints",
            "[{\"maxSkew\":2,\"topologyKey\":\"a\",\"whenUnsatisfiable\":\"ScheduleAnyway\"}]",
            DEPLOYMENT,
            POD + "/topologySpreadConstraints",
            two),
        set(
            "affinity",
            "{\"nodeAffinity\":null,\"podAffinity\":{}}",
            DEPLOYMENT,
            POD + "/affinity",
            "{\"podAffinity\":{}}"),
        set("networkPolicy.enabled", "false", network, "", "absent"),
        set(
            "networkPolicy.apiServerPorts",
            "[6444]",
            network,
            "/spec/egress/0/ports/0/port",
            "6444"),
        set(
            "networkPolicy.dnsPorts",
            "[5353]",
            network,
            "/spec/egress/2/ports/0/port",
            "5353",
            "policy.names.resolution=\"Required\""),
        set(
            "networkPolicy.extraEgress",
            "[{\"ports\":[{\"port\":9}]}]",
            network,
            "/spec/egress/2/ports/0/port",
            "9"),
        copied(
            "networkPolicy.metricsFrom", "[{\"podSelector\":{}}]", network, "/spec/ingress/0/from"),
        set("metrics.secure", "true", DEPLOYMENT, CONTAINER + "/args/5", "\"--metrics-secure\""),
        set(
            "metrics.secure",
            "true",
            "ClusterRole countersign-approver-metrics-auth",
            "/rules/0/resources",
            "[\"tokenreviews\"]"),
        set("metrics.secure", "true", monitor, "/spec/endpoints/0/scheme", "\"https\"", monitored),
        set(
            "metrics.secure",
            "true",
            monitor,
            "/spec/endpoints/0/bearerTokenFile",
            "\"/var/run/secrets/kubernetes.io/serviceaccount/token\"",
            monitored),
        set(
            "metrics.secure",
            "true",
            monitor,
            "/spec/endpoints/0/tlsConfig",
            "{\"insecureSkipVerify\":true}",
            monitored),
        set(
            "metrics.certificateSecret",
            "\"s\"",
            DEPLOYMENT,
            CONTAINER + "/args/6",
            "\"--metrics-cert-file=/etc/countersign-metrics/tls.crt\"",
            "metrics.secure=true"),
        set(
            "metrics.certificateSecret",
            "\"s\"",
            DEPLOYMENT,
            POD + "/volumes/2/secret/secretName",
            "\"s\"",
            "metrics.secure=true"),
        set(
            "metrics.certificateSecret",
            "\"s\"",
            monitor,
            "/spec/endpoints/0/tlsConfig",
            "{\"ca\":{\"secret\":{\"key\":\"ca.crt\",\"name\":\"s\"}},"
                + "\"serverName\":\"countersign-approver.countersign-system.svc\"}",
            "metrics.secure=true",
            monitored),
        copied(
            "monitoring.serviceMonitor.tlsConfig",
            "{\"serverName\":\"a\"}",
            monitor,
            "/spec/endpoints/0/tlsConfig",
            "metrics.secure=true",
            monitored),
        set("monitoring.serviceMonitor.enabled", "true", monitor, "/kind", "\"ServiceMonitor\""),
        monitored("labels", "{\"a\":\"b\"}", "serviceMonitor", monitor, "/metadata/labels"),
        monitored("interval", "\"5s\"", "serviceMonitor", monitor, "/spec/endpoints/0/interval"),
        monitored(
            "scrapeTimeout",
            "\"4s\"",
            "serviceMonitor",
            monitor,
            "/spec/endpoints/0/scrapeTimeout"),
        monitored(
            "relabelings",
            "[{\"action\":\"keep\"}]",
            "serviceMonitor",
            monitor,
            "/spec/endpoints/0/relabelings"),
        monitored(
            "metricRelabelings",
            "[{\"action\":\"drop\"}]",
            "serviceMonitor",
            monitor,
            "/spec/endpoints/0/metricRelabelings"),
        set("monitoring.prometheusRule.enabled", "true", rule, "/kind", "\"PrometheusRule\""),
        monitored("labels", "{\"a\":\"b\"}", "prometheusRule", rule, "/metadata/labels"),
        set(
            "monitoring.dashboard.enabled",
            "true",
            dashboard,
            "/metadata/labels/grafana_dashboard",
            "\"1\""),
        set(
            "monitoring.dashboard.labels",
            "{\"a\":\"b\"}",
            dashboard,
            "/metadata/labels/a",
            "\"b\"",
            "monitoring.dashboard.enabled=true"),
        monitored("annotations", "{\"a\":\"b\"}", "dashboard", dashboard, "/metadata/annotations"));
  }

  private static Case monitored(
      String field, String json, String part, String object, String pointer) {
    return copied(
        "monitoring." + part + "." + field,
        json,
        object,
        pointer,
        "monitoring." + part + ".enabled=true");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void value_changesWhatItSays(Case value) throws Exception {
    JsonNode before = rendered(value.object(), value.pointer(), value.with());
    List<String> settings = new ArrayList<>(value.with());
    settings.add(value.path() + "=" + value.json());

    JsonNode after = rendered(value.object(), value.pointer(), settings);

    if (value.wanted().equals("absent")) {
      assertThat(before.isMissingNode()).isFalse();
      assertThat(after.isMissingNode()).isTrue();
    } else {
      assertThat(after).isEqualTo(JSON.readTree(value.wanted()));
    }
  }

  private static JsonNode rendered(String object, String pointer, List<String> settings)
      throws IOException, InterruptedException {
    List<String> options = settings.stream().map(setting -> "--set-json=" + setting).toList();
    SequencedMap<String, Map<?, ?>> objects =
        ManifestObjects.parse(helm().template(CHART, options.toArray(String[]::new)).orThrow());
    return JSON.valueToTree(objects).path(object).at(pointer);
  }

  @Test
  void everyValue_hasACase() throws Exception {
    Set<String> without = new TreeSet<>();
    values().keySet().stream()
        .filter(path -> !path.equals("policy"))
        .filter(
            path ->
                cases()
                    .map(Case::path)
                    .noneMatch(known -> isWithin(known, path) || isWithin(path, known)))
        .forEach(without::add);
    assertThat(without).isEmpty();
  }

  private static boolean isWithin(String path, String outer) {
    return path.equals(outer) || path.startsWith(outer + ".");
  }

  @Test
  void serviceAccountThatNobodyMakes_isRefused() throws Exception {
    Ran ran = helm().template(CHART, "--set", "serviceAccount.create=false");
    assertThat(ran.status()).isNotZero();
    assertThat(ran.err()).contains("serviceAccount.name: got none with create: false");
  }

  /**
   * A value as values.yaml has it.
   *
   * @param fallback its default in JSON; empty for one that only holds others
   */
  private record Described(String fallback, String comment) {}

  private static SequencedMap<String, Described> values() throws IOException {
    LoaderOptions options = new LoaderOptions();
    options.setProcessComments(true);
    SequencedMap<String, Described> values = new LinkedHashMap<>();
    describe(
        (MappingNode)
            new Yaml(new SafeConstructor(options))
                .compose(Files.newBufferedReader(CHART.resolve("values.yaml"))),
        "",
        ManifestObjects.yaml().load(Files.readString(CHART.resolve("values.yaml"))),
        values);
    return values;
  }

  private static void describe(
      MappingNode node, String above, Map<?, ?> defaults, Map<String, Described> values)
      throws IOException {
    for (NodeTuple entry : node.getValue()) {
      String key = ((ScalarNode) entry.getKeyNode()).getValue();
      String path = above + key;
      String comment = comment(entry.getKeyNode());
      if (entry.getValueNode() instanceof MappingNode inner
          && !inner.getValue().isEmpty()
          && !WHOLE.contains(path)) {
        if (!comment.isEmpty()) {
          values.put(path, new Described("", comment));
        }
        describe(inner, path + ".", ManifestObjects.mapAt(defaults, key), values);
      } else {
        values.put(path, new Described(JSON.writeValueAsString(defaults.get(key)), comment));
      }
    }
  }

  /** The lines right above a key. */
  private static String comment(Node key) {
    List<String> lines = new ArrayList<>();
    if (key.getBlockComments() != null) {
      for (CommentLine line : key.getBlockComments()) {
        if (line.getCommentType() == CommentType.BLANK_LINE) {
          lines.clear();
        } else {
          lines.add(line.getValue().strip());
        }
      }
    }
    return String.join(" ", lines);
  }

  @Test
  void readme_listsEveryValue() throws Exception {
    StringBuilder page =
        new StringBuilder(
            """
            # countersign

            Approves kubelets' serving certificates by policy.

            ```
            helm install countersign deploy/helm/countersign -n countersign-system --create-namespace
            ```

            Until an image is published, build one and name it with `image.repository` and `image.digest`; `docs/operations/install.md` says how. The
            defaults give the same objects as `countersign manifests` and `deploy/kustomize/base`.

            ## Values

            | value | default | what it does |
            |---|---|---|
            """);
    SequencedMap<String, Described> values = values();
    assertThat(values.values()).noneMatch(value -> value.comment().isEmpty());
    values.forEach(
        (path, value) ->
            page.append(
                "| `%s` | %s | %s |\n"
                    .formatted(
                        path,
                        value.fallback().isEmpty() ? "" : "`" + value.fallback() + "`",
                        value.comment().replace("|", "\\|"))));
    GoldenFiles.in(CHART.toString()).assertMatches("README.md", page.toString());
  }
}
