package dev.countersign.render.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.Asset;
import dev.countersign.render.AssetPath;
import dev.countersign.render.Specs;
import dev.countersign.render.os.Butane;
import dev.countersign.render.spec.ClusterSpec;
import dev.countersign.render.spec.NodeRole;
import dev.countersign.render.spec.OperatingSystem;
import dev.countersign.render.spec.Platform;
import dev.countersign.testkit.GoldenFiles;
import dev.countersign.testkit.RequiresTool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnippetsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path EXAMPLES = Path.of("../examples/snippets");
  private static final SecretText KUBECONFIG = SecretText.of("kind: Config\n");
  private static final String HEAD = "variant: fcos\nversion: 1.4.0\n";

  /** A machine with snippets. */
  record Case(String name, ClusterSpec spec, Map<String, String> texts, String machine) {
    Snippets snippets() {
      return Snippets.parse(spec, texts).orThrow();
    }

    String file(Snippets snippets, String extension) {
      return Objects.requireNonNull(
              NodeAssets.render(spec, Optional.of(KUBECONFIG), snippets)
                  .get(AssetPath.of("nodes/" + machine + extension)))
          .text(SecretAccess.because("compared in a test"));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Map<String, String> texts(ClusterSpec spec, Path directory) {
    Map<String, String> texts = new TreeMap<>();
    for (String file : Snippets.files(spec)) {
      try {
        texts.put(file, Files.readString(directory.resolve(file)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return texts;
  }

  static Stream<Case> cases() throws IOException {
    ClusterSpec example = Specs.parse(Files.readString(EXAMPLES.resolve("cluster.yaml")));
    ClusterSpec everything =
        Specs.parse(
            Specs.withNodes(Platform.BARE_METAL, OperatingSystem.FEDORA_COREOS)
                .replace("  workers:\n", "  workerSnippets: [everything.yaml]\n  workers:\n")
                .replace("labels: [role=edge]", "snippets: [machine.ign]"));
    return Stream.of(
        new Case("everything", everything, texts(everything, Path.of("src/test/snippets")), "pool"),
        new Case("controller", example, texts(example, EXAMPLES), "node1"),
        new Case("worker", example, texts(example, EXAMPLES), "node3"));
  }

  /**
   * The same machine by Butane's and Ignition's own programs, from which {@code dev/butane-goldens}
   * made the files: of our machine and each snippet, merged; and of what we merged.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void snippets_becomeWhatButaneAndIgnitionMakeOfThem(Case each) throws IOException {
    GoldenFiles golden = GoldenFiles.in("src/test/golden/snippets/" + each.name());
    golden.assertMatches("machine.yaml", withoutVersions(withoutSnippets(each)));
    golden.assertMatches("merged.yaml", withoutVersions(each.file(each.snippets(), ".yaml")));
    String ignition = withoutVersions(each.file(each.snippets(), ".ign"));
    golden.assertMatches("merged.ign", ignition);
    for (String file : List.of("butane.ign", "butane-of-merged.ign")) {
      String theirs =
          Files.readString(Path.of("src/test/golden/snippets", each.name()).resolve(file));
      assertThat(readable(JSON.readTree(ignition)).toPrettyString())
          .as(file)
          .isEqualTo(readable(JSON.readTree(theirs)).toPrettyString());
    }
  }

  private static String withoutVersions(String text) {
    return Specs.withoutVersions(text, KubernetesReleases.supported().defaultRelease());
  }

  private static String withoutSnippets(Case each) throws IOException {
    Map<String, String> nothing = new TreeMap<>(each.texts());
    nothing.replaceAll((file, text) -> HEAD);
    return each.file(Snippets.parse(each.spec(), nothing).orThrow(), ".yaml");
  }

  /** With fields in order, and contents in place of data URLs, however they are written. */
  private static JsonNode readable(JsonNode node) {
    if (node.isArray()) {
      return JSON.valueToTree(
          node.valueStream().map(SnippetsTest::readable).collect(Collectors.toList()));
    }
    if (!node.isObject()) {
      return node;
    }
    TreeMap<String, JsonNode> fields = new TreeMap<>();
    node.properties().forEach(field -> fields.put(field.getKey(), readable(field.getValue())));
    String source = node.path("source").asText();
    if (source.startsWith("data:")) {
      fields.put("source", JSON.valueToTree(data(source, node.path("compression").asText())));
      fields.remove("compression");
    }
    ObjectNode sorted = JSON.createObjectNode();
    fields.forEach(sorted::set);
    return sorted;
  }

  private static String data(String url, String compression) {
    String base64 = "data:;base64,";
    byte[] bytes =
        url.startsWith(base64)
            ? Base64.getDecoder().decode(url.substring(base64.length()))
            : URLDecoder.decode(url.substring("data:,".length()), StandardCharsets.ISO_8859_1)
                .getBytes(StandardCharsets.ISO_8859_1);
    try {
      return new String(
          compression.equals("gzip")
              ? new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes()
              : bytes,
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  @RequiresTool("ignition-validate")
  void merged_isValidIgnition(Case each) throws Exception {
    Path file = Files.createTempFile("merged", ".ign");
    Files.writeString(file, each.file(each.snippets(), ".ign"));
    Process process =
        new ProcessBuilder("ignition-validate", file.toString()).redirectErrorStream(true).start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEmpty();
    assertThat(process.waitFor()).isZero();
    Files.delete(file);
  }

  @Test
  void example_givesTheKubeletAnotherRegistry() throws IOException {
    Case worker = cases().filter(each -> each.name().equals("worker")).findFirst().orElseThrow();
    assertThat(worker.file(worker.snippets(), ".yaml"))
        .contains("        - name: 10-image.conf\n")
        .contains("            Environment=KUBELET_IMAGE=docker.io/psdn/kubelet:v");
  }

  private static final String WITH_SNIPPET =
      Specs.withNodes(Platform.BARE_METAL, OperatingSystem.FEDORA_COREOS)
          .replace("  workers:\n", "  workerSnippets: [a.yaml]\n  workers:\n");

  private static ParseResult<Snippets> parse(String snippet) {
    return Snippets.parse(Specs.parse(WITH_SNIPPET), Map.of("a.yaml", snippet));
  }

  private static List<String> problems(String snippet) {
    return switch (parse(snippet)) {
      case ParseResult.Parsed<Snippets> parsed -> List.of();
      case ParseResult.Refused<Snippets>(List<ParseError> errors) ->
          errors.stream().map(ParseError::message).toList();
    };
  }

  private static String file(String more) {
    return HEAD + "storage: {files: [{" + more + "}]}\n";
  }

  private static String unit(String more) {
    return HEAD + "systemd: {units: [{" + more + "}]}\n";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "storage: {disks: []}",
        "storage: {disks: [{device: /dev/sda}]}",
        "storage: {filesystems: [{device: /dev/sda}]}",
        "storage: {trees: [{local: a}]}",
        "ignition: {config: {}}",
        "kernel_arguments: {should_exist: [a]}",
        "boot_device: {layout: aarch64}",
        "passwd: {groups: [{name: a}]}",
      })
  void field_thatIsNotCarriedOver_isRefusedByItsPath(String yaml) {
    String path = yaml.replaceFirst("^(\\w+): \\{(\\w+).*", "$1.$2");
    String root = yaml.replaceFirst(":.*", "");
    assertThat(problems(HEAD + yaml + "\n"))
        .singleElement()
        .asString()
        .startsWith(
            "a.yaml: "
                + (Set.of("storage", "passwd").contains(root) ? path : root)
                + " (line 3): got what a snippet does not carry; want units with drop-ins");
  }

  @Test
  void contents_ofAFileBesideTheSnippet_areRefused() {
    assertThat(problems(file("path: /a, contents: {local: b}")))
        .singleElement()
        .asString()
        .startsWith("a.yaml: storage.files[0].contents.local (line 3)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "variant: flatcar;version: 1.0.0|variant (line 1): got \"flatcar\"; want fcos",
        "variant: fcos;version: 9.0.0|version (line 2): got \"9.0.0\"; want one of [1.0.0, ",
        "variant: fcos;version: 1.4.0;sorage: {}|did you mean \"storage\"?",
        "{\"ignition\": {\"version\": \"2.2.0\"}}|ignition.version (line 1): got \"2.2.0\"",
      })
  void snippet_ofAnotherFormat_isRefused(String text, String message) {
    assertThat(problems(text.replace(';', '\n')))
        .isNotEmpty()
        .anyMatch(problem -> problem.contains(message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "path: etc/a|path|got \"etc/a\"; want an absolute path",
        "path: /etc/../a|path|got \"/etc/../a\"; want an absolute path",
        "path: /a, mode: 644|mode|got 644; want a mode in octal such as 0644, at most 0777",
        "path: /a, mode: 04755|mode|got 2541; want a mode in octal",
        "path: /a, overwrite: true|contents|got nothing; want contents, as overwrite is true",
        "path: /a, contents: {inline: a, source: b}|contents.inline|want one of inline and source",
        "path: /a}, {path: /a|path|got \"/a\" as in storage.files[0].path; want each path once",
      })
  void file_ofAnotherForm_isRefusedByItsPath(String fields, String path, String message) {
    assertThat(problems(file(fields)))
        .singleElement()
        .asString()
        .matches("a\\.yaml: storage\\.files\\[[01]]\\." + path + " \\(line 3\\): .*")
        .contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name: kubelet|systemd.units[0].name|the name of a systemd unit",
        "name: ../a.service|systemd.units[0].name|the name of a systemd unit",
        "name: a.service, dropins: [{name: a, contents: b}]|systemd.units[0].dropins[0].name|a"
            + " drop-in",
        "name: a.service}, {name: a.service|systemd.units[1]|want each name once",
      })
  void unit_ofAnotherForm_isRefusedByItsPath(String fields, String path, String message) {
    assertThat(problems(unit(fields)))
        .singleElement()
        .asString()
        .startsWith("a.yaml: " + path)
        .contains(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "path: /etc/kubernetes/kubelet.yaml, contents: {inline: a}, overwrite: true|another path",
        "path: /etc/kubernetes, contents: {inline: a}|another path",
        "path: /etc/systemd/system/kubelet.service, contents: {inline: a}|another path",
        "path: /etc/systemd/system/kubelet.service.d/10-kubelet-image.conf|another path",
        "path: /etc/systemd/system/kubelet.service.d|another path",
        "path: /etc/containerd/config.toml, contents: {inline: a}|overwrite: true replaces it",
      })
  void file_thatWeWrite_isNotReplacedSilently(String fields, String message) {
    assertThat(problems(file(fields)))
        .singleElement()
        .asString()
        .startsWith("a.yaml: storage.files[0].path: got \"/etc/")
        .contains("which countersign writes")
        .contains(message);
  }

  @Test
  void link_inPlaceOfAUnitOfOurs_isRefused() {
    String links =
        "storage: {links: [{path: /etc/systemd/system/kubelet.service, target: /dev/null}]}";
    assertThat(problems(HEAD + links))
        .singleElement()
        .asString()
        .startsWith("a.yaml: storage.links[0].path: got \"/etc/systemd/system/kubelet.service\"");
  }

  @Test
  void directory_ofOursWithAnotherMode_isRefused() {
    assertThat(problems(HEAD + "storage: {directories: [{path: /etc/kubernetes, mode: 0777}]}"))
        .singleElement()
        .asString()
        .startsWith("a.yaml: storage.directories[0]: got another mode or owner of /etc/kubernetes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name: kubelet.service, contents: a|contents: got those of kubelet.service|by a drop-in",
        "name: kubelet.service, enabled: true|enabled: got true for kubelet.service|leave it out",
        "name: kubelet.service, mask: true|mask: got true for kubelet.service|leave it out",
        "name: containerd.service, enabled: false|enabled: got false for containerd|leave it out",
        "name: docker.service, mask: false|mask: got false for docker.service|leave it out",
        "name: kubelet.service, dropins: [{name: 10-kubelet-image.conf, contents: a}]|"
            + "dropins[0].name: got \"10-kubelet-image.conf\", a drop-in of kubelet.service that"
            + "|another name",
      })
  void unit_thatWeWrite_isChangedByDropInsOnly(String fields, String got, String next) {
    assertThat(problems(unit(fields)))
        .singleElement()
        .asString()
        .startsWith("a.yaml: systemd.units[0]." + got)
        .contains(next);
  }

  @Test
  void settings_areThoseOfARenderedMachine() {
    Set<String> paths =
        new NodeConfigBuilder(
                Specs.parse(WITH_SNIPPET),
                Specs.parse(WITH_SNIPPET).nodes().orElseThrow(),
                NodeRole.WORKER,
                0,
                Optional.of(KUBECONFIG))
            .build().files().stream().map(NodeFile::path).collect(Collectors.toSet());
    assertThat(paths).containsAll(NodeFiles.SETTINGS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "storage: {files: [{path: /etc/secret, mode: 0600, contents: {inline: a}}]}",
        "passwd: {users: [{name: a, password_hash: b}]}",
      })
  void machineWithASecretOfASnippet_isASecretFile(String yaml) {
    ClusterSpec spec = Specs.parse(WITH_SNIPPET);
    Snippets snippets = parse(HEAD + yaml).orThrow();
    Map<AssetPath, Asset> all = NodeAssets.render(spec, Optional.of(KUBECONFIG), snippets);
    assertThat(all.get(AssetPath.of("nodes/pool.ign"))).isInstanceOf(Asset.Secret.class);
    assertThat(all.get(AssetPath.of("nodes/node1.ign"))).isInstanceOf(Asset.Public.class);
    assertThat(NodeAssets.render(spec, Optional.empty(), snippets))
        .doesNotContainKey(AssetPath.of("nodes/pool.ign"))
        .containsKey(AssetPath.of("nodes/node1.ign"));
  }

  @Test
  void toString_containsNoSecret() {
    String yaml =
        HEAD
            + "storage: {files: [{path: /a, mode: 0600, contents: {inline: hidden}}]}\n"
            + "passwd: {users: [{name: a, password_hash: hidden}]}\n";
    assertThat(parse(yaml).toString()).doesNotContain("hidden");
    assertThat(SnippetParser.parse(yaml, Butane.FCOS).toString()).doesNotContain("hidden");
  }

  @Test
  void snippet_thatWasNotRead_isNoSilentOmission() {
    assertThatThrownBy(() -> NodeAssets.render(Specs.parse(WITH_SNIPPET), Optional.of(KUBECONFIG)))
        .hasMessageContaining("nodes.workerSnippets[0]");
    assertThatThrownBy(() -> Snippets.parse(Specs.parse(WITH_SNIPPET), Map.of()))
        .hasMessageContaining("a.yaml");
  }

  @Test
  void containerLinux_takesNone() {
    assertThat(ClusterSpec.parse(WITH_SNIPPET.replace("fedora-coreos", "container-linux")))
        .isInstanceOfSatisfying(
            ParseResult.Refused.class,
            refused ->
                assertThat(((ParseError) refused.errors().getFirst()).message())
                    .startsWith("nodes.workerSnippets[0] (line ")
                    .contains("want no snippet on container-linux"));
  }
}
