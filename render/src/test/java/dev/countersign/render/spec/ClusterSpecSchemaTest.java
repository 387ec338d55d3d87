package dev.countersign.render.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.countersign.render.Specs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The published schema, held against what is accepted and refused. */
class ClusterSpecSchemaTest {
  private static final Path FILE = Path.of("../docs/schema/cluster-spec.schema.json");

  /** Every object a spec can have, so that the parser reads each of them. */
  private static final String FULL =
      Specs.MINIMAL
          + """
          components: {coredns: {}, kubeProxy: {}, flannel: {}, approver: {}}
          containerImages: {}
          pki:
            authorities:
              kubernetes: {certificateFile: a.crt, keyFile: a.key}
              etcd: {certificateFile: b.crt, keyFile: b.key}
              aggregation: {certificateFile: c.crt, keyFile: c.key}
            validity: {certificates: {}}
          bootstrapToken: {}
          nodes:
            platform: aws
            os: fedora-coreos
            sshAuthorizedKeys: []
            controllers: [{name: one}]
            workers: [{name: two}]
          """;

  private static final Pattern ONE_OF =
      Pattern.compile(
          "^(\\S*?)\\.?zzzzzz(?: \\(line \\d+\\))?: got an unknown field; want one of"
              + " \\[(.*)]$");

  private static Schema schema() throws IOException {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(Files.readString(FILE), InputFormat.JSON);
  }

  static Stream<String> valid() throws IOException {
    List<String> specs = new ArrayList<>(List.of(StarterSpec.text(), Specs.MINIMAL));
    try (Stream<Path> files = Files.list(Path.of("../examples/clusters"))) {
      for (Path file : files.sorted().toList()) {
        specs.add(Files.readString(file));
      }
    }
    for (Platform platform : Platform.values()) {
      for (OperatingSystem os : OperatingSystem.values()) {
        specs.add(Specs.withNodes(platform, os));
      }
    }
    return specs.stream();
  }

  @ParameterizedTest
  @MethodSource("valid")
  void whatIsAccepted_keepsToTheSchema(String yaml) throws IOException {
    assertThat(schema().validate(yaml, InputFormat.YAML)).isEmpty();
    assertThat(ClusterSpecTest.problems(yaml)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "networking: cilium",
        "externalApiserverPort: 0",
        "externalApiserverPort: '6443'",
        "unknown: 1",
        "kubernetesVersion: stable",
        "kubernetesVersion: v1.35",
        "allowUntestedKubernetesVersion: 1",
        "join: strict",
        "enableAggregation: maybe",
        "pki: {keyAlgorithm: rsa-1024}",
        "pki: {validity: {authority: forever}}",
        "pki: {authorities: {kubernetes: {certificateFile: a.crt}}}",
        "components: {coredns: {enabled: true}}",
        "containerImages: {kubelet: kubelet}",
        "bootstrapToken: {expiresAfter: soon}",
        "nodes: {platform: aws, os: fedora-coreos, kubeletImageKey: cosign.pub}",
        "nodes: {platform: aws, os: windows, controllers: [{name: a}]}",
        "podCidr: []",
        "serviceAccountIssuer: http://issuer.example.com",
      })
  void whatTheSchemaRefuses_isRefused(String field) throws IOException {
    String yaml = Specs.MINIMAL + field + "\n";
    assertThat(schema().validate(yaml, InputFormat.YAML)).isNotEmpty();
    if (!field.contains("'")) {
      assertThat(ClusterSpecTest.problems(yaml)).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"apiVersion", "kind", "clusterName", "apiServers", "etcdServers"})
  void missingField_isRefusedByBoth(String field) throws IOException {
    String yaml =
        String.join("\n", Specs.MINIMAL.lines().filter(line -> !line.startsWith(field)).toList());
    assertThat(schema().validate(yaml, InputFormat.YAML)).isNotEmpty();
    assertThat(ClusterSpecTest.problems(yaml))
        .singleElement()
        .asString()
        .startsWith(field + " (line 1): got nothing");
  }

  @Test
  void olderVersion_isRefusedWithTheOneWanted() {
    String yaml = Specs.MINIMAL.replace("v1alpha1", "v1");
    assertThat(ClusterSpecTest.problems(yaml))
        .containsExactly(
            "apiVersion (line 1): got \"countersign.dev/v1\"; want countersign.dev/v1alpha1");
  }

  /** The parser names every field it knows where it meets one that it does not. */
  @Test
  void everyObject_hasTheSameFieldsInTheSchemaAndInTheParser() throws IOException {
    Map<String, Set<String>> published = new TreeMap<>();
    Object document = load(Files.readString(FILE));
    collect("", document, published);
    Object spec = load(FULL);
    disturb(spec);
    Map<String, Set<String>> parsed = new TreeMap<>();
    for (String problem : ClusterSpecTest.problems(new Yaml().dump(spec))) {
      Matcher matcher = ONE_OF.matcher(problem.replaceAll("; did you mean.*", ""));
      if (matcher.matches()) {
        parsed.put(
            matcher.group(1).replaceAll("\\[\\d+]", "[]"),
            new TreeSet<>(List.of(matcher.group(2).split(", ", -1))));
      }
    }
    assertThat(parsed).isEqualTo(published).hasSizeGreaterThan(14);
  }

  private static Object load(String text) {
    return new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
  }

  private static void collect(String path, Object schema, Map<String, Set<String>> into) {
    if (!(schema instanceof Map<?, ?> map)) {
      return;
    }
    if (map.get("properties") instanceof Map<?, ?> properties) {
      Set<String> names = new TreeSet<>();
      properties.forEach(
          (name, child) -> {
            names.add(String.valueOf(name));
            collect(path.isEmpty() ? "" + name : path + "." + name, child, into);
          });
      into.put(path, names);
      assertThat(map.get("additionalProperties")).as(path).isEqualTo(false);
    }
    if (map.get("items") instanceof Map<?, ?> items) {
      collect(path + "[]", items, into);
    }
  }

  private static void disturb(Object value) {
    switch (value) {
      case Map<?, ?> map -> {
        map.values().forEach(ClusterSpecSchemaTest::disturb);
        @SuppressWarnings("unchecked") // SnakeYAML makes maps of strings and anything
        Map<String, Object> open = (Map<String, Object>) map;
        open.put("zzzzzz", 1);
      }
      case List<?> list -> list.forEach(ClusterSpecSchemaTest::disturb);
      default -> {}
    }
  }
}
