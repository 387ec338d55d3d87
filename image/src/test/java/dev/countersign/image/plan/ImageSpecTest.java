package dev.countersign.image.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesReleases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageSpecTest {
  private static final String BASE =
      """
      apiVersion: countersign.dev/v1alpha1
      kind: ImageSpec
      name: tiny
      version: v1.2.3
      files: [{from: app, to: /opt/app}]
      """;

  private static List<String> problems(String text) {
    return switch (ImageSpec.parseYaml(text)) {
      case ParseResult.Refused<ImageSpec.Document>(List<ParseError> errors) ->
          errors.stream().map(ParseError::message).toList();
      case ParseResult.Parsed<ImageSpec.Document> parsed -> throw new AssertionError(parsed);
    };
  }

  private static Schema schema() throws IOException {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
        .getSchema(Files.readString(Path.of("../docs/schema/image-spec.schema.json")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "examples/kubelet-image.yaml",
        "examples/approver-image.yaml",
        "examples/control-plane-image.yaml",
        "images/jdk.yaml",
      })
  void examples_areGood_forParserAndSchema(String name) throws IOException {
    String text = Files.readString(Path.of("..", name));
    assertThat(ImageSpec.parseYaml(text)).isInstanceOf(ParseResult.Parsed.class);
    assertThat(schema().validate(text, InputFormat.YAML)).isEmpty();
  }

  /** The committed locks are of the specs beside them, and name no mirror. */
  @ParameterizedTest
  @CsvSource({
    "examples/kubelet-image.yaml, images/kubelet.lock.json, upstream kubernetes-node",
    "examples/approver-image.yaml, images/approver.lock.json, files app",
    "images/jdk.yaml, images/jdk.lock.json, ",
  })
  void lock_isOfItsSpec(String spec, String file, @Nullable String missing) throws IOException {
    ImageLock lock = ImageLock.parse(file, Files.readString(Path.of("..", file)));
    assertThat(ImageSpec.parseYaml(Files.readString(Path.of("..", spec))))
        .isInstanceOfSatisfying(
            ParseResult.Parsed.class,
            parsed ->
                assertThat(parsed.value())
                    .isInstanceOfSatisfying(
                        ImageSpec.Document.class,
                        document -> assertThat(lock.spec()).isEqualTo(document.spec())));
    String open = String.join(", ", lock.missing(Architecture.AMD64));
    if (missing == null) {
      assertThat(open).isEmpty();
    } else {
      assertThat(open).contains(missing);
    }
    assertThat(lock.platforms().keySet()).containsExactly(Architecture.values());
    assertThat(lock.platforms().values())
        .allSatisfy(
            platform ->
                assertThat(platform.packages())
                    .allSatisfy(each -> assertThat(each.path()).startsWith("pool/")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "apiVersion: v1",
        "kind: ImageLock",
        "name: Tiny",
        "version: ''",
        "version: 1",
        "tags: calver",
        "architectures: [s390x]",
        "unknown: 1",
        "files: [{from: /app, to: /opt/app}]",
        "files: [{from: app, to: opt/app}]",
        "files: [{from: app, to: /opt/../app}]",
        "files: [{from: app, to: /opt/app, mode: '0999'}]",
        "debian: {suites: []}",
        "debian: {suites: [{suite: trixie}], packages: [UPPER]}",
        "debian: {suites: [{suite: trixie}], essential: perhaps}",
        "upstream: [{name: node, url: 'ftp://x/y'}]",
        "users: [{name: Root, uid: 1, gid: 1}]",
        "users: [{name: some, uid: 70000, gid: 1}]",
        "alternatives: [{name: a, link: /usr/bin/a, choices: []}]",
        "config: {entrypoint: kubelet}",
      })
  void schema_andParser_refuseTheSameThings(String fault) throws IOException {
    String key = fault.substring(0, fault.indexOf(':'));
    String text =
        BASE.lines()
                .filter(line -> !line.startsWith(key + ":"))
                .collect(java.util.stream.Collectors.joining("\n"))
            + "\n"
            + fault
            + "\n";
    assertThat(problems(text)).isNotEmpty();
    assertThat(schema().validate(text, InputFormat.YAML)).isNotEmpty();
  }

  @Test
  void base_isGood_andAVersionCanBeReplaced() {
    assertThat(
            ImageSpec.parseYaml(
                BASE,
                new ImageSpec.Changes(
                    Map.of("version", "v9.9.9"), List.of(), Map.of(), Optional.empty())))
        .isInstanceOfSatisfying(
            ParseResult.Parsed.class,
            parsed ->
                assertThat(parsed.value())
                    .isInstanceOfSatisfying(
                        ImageSpec.Document.class,
                        document -> assertThat(document.spec().version()).isEqualTo("v9.9.9")));
  }

  @ParameterizedTest
  @CsvSource({"tiny", "etcd"})
  void kubernetesAsTheVersion_isThatOfTheRelease(String name) {
    KubernetesRelease oldest = KubernetesReleases.supported().all().getFirst();
    String text =
        BASE.replace("version: v1.2.3", "version: \"{kubernetes}\"")
            .replace("name: tiny", "name: " + name);
    ImageSpec.Document chosen =
        ImageSpec.parseYaml(
                text, new ImageSpec.Changes(Map.of(), List.of(), Map.of(), Optional.of(oldest)))
            .orThrow();
    assertThat(chosen.spec().version()).isEqualTo(oldest.versionOf(name));
    assertThat(chosen.json()).contains(oldest.versionOf(name));
    assertThat(ImageSpec.parseYaml(text).orThrow().spec().version())
        .isEqualTo(KubernetesReleases.supported().defaultRelease().versionOf(name));
  }

  @Test
  void aReleaseForASpecWithItsOwnVersion_isRefused() {
    assertThat(
            ImageSpec.parseYaml(
                BASE,
                new ImageSpec.Changes(
                    Map.of(),
                    List.of(),
                    Map.of(),
                    Optional.of(KubernetesReleases.supported().defaultRelease()))))
        .isEqualTo(
            ParseResult.refused(
                "version", "\"v1.2.3\"", "{kubernetes}, as a Kubernetes release was chosen"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "apiVersion: countersign.dev/v1alpha1 | apiVersion: v1 | apiVersion (line 1): got \"v1\";"
            + " want countersign.dev/v1alpha1",
        "version: v1.2.3 | version: 1.2 | version (line 4): got 1.2; want a text; put it in"
            + " quotes",
        "to: /opt/app | to: /opt/../etc | files[0].to (line 5): got \"/opt/../etc\"; want an"
            + " absolute path without . or .. in it",
        "from: app | from: ../secrets | files[0].from (line 5): got \"../secrets\"; want a path"
            + " relative to the inputs directory",
        "name: tiny | nmae: tiny | name (line 1): got nothing; want a repository name like kubelet",
      })
  void fault_isNamed(String good, String bad, String problem) {
    assertThat(problems(BASE.replace(good, bad))).contains(problem);
  }

  @Test
  void aTextThatNobodyWrites_isNotRead() {
    String text = BASE + "#".repeat(Documents.LONGEST_SETTINGS);
    assertThat(problems(text))
        .containsExactly(
            "file: got %d characters; want at most %d"
                .formatted(text.length(), Documents.LONGEST_SETTINGS));
  }

  @Test
  void faults_areAllReportedAtOnce() {
    assertThat(problems("kind: x\nunknown: 1\n")).hasSizeGreaterThanOrEqualTo(5);
  }
}
