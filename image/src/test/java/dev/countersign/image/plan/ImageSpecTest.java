package dev.countersign.image.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
      case ImageSpec.Reading.Rejected(List<String> problems) -> problems;
      case ImageSpec.Reading.Parsed parsed -> throw new AssertionError(parsed.spec());
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"kubelet-image.yaml", "approver-image.yaml"})
  void examples_areGood(String name) throws IOException {
    assertThat(ImageSpec.parseYaml(Files.readString(Path.of("..", "examples", name))))
        .isInstanceOf(ImageSpec.Reading.Parsed.class);
  }

  @Test
  void base_isGood_andAVersionCanBeReplaced() {
    assertThat(ImageSpec.parseYaml(BASE, Map.of("version", "v9.9.9")))
        .isInstanceOfSatisfying(
            ImageSpec.Reading.Parsed.class,
            parsed -> assertThat(parsed.spec().version()).isEqualTo("v9.9.9"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "apiVersion: countersign.dev/v1alpha1 | apiVersion: v1 | spec.apiVersion: got v1; want"
            + " countersign.dev/v1alpha1",
        "version: v1.2.3 | version: 1.2 | spec.version: got the number 1.2; want a text (in quotes"
            + " where it looks like a number)",
        "to: /opt/app | to: /opt/../etc | spec.files[0].to: got /opt/../etc; want an absolute path"
            + " without . or .. in it",
        "from: app | from: ../secrets | spec.files[0].from: got ../secrets; want a path relative to"
            + " the inputs folder",
        "name: tiny | nmae: tiny | spec.name: got nothing; want a repository name like kubelet",
      })
  void fault_isNamed(String good, String bad, String problem) {
    assertThat(problems(BASE.replace(good, bad))).contains(problem);
  }

  @Test
  void faults_areAllReportedAtOnce() {
    assertThat(problems("kind: x\nunknown: 1\n")).hasSizeGreaterThanOrEqualTo(5);
  }
}
