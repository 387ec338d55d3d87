package dev.countersign.scenarios.structure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.scenarios.fixture.Command;
import dev.countersign.scenarios.fixture.ProjectVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Whoever raises the version in the poms is told which other places have it. */
class ProjectVersionTest {
  private static final Path ROOT = Path.of("..");

  private static String text(String file) throws Exception {
    return Files.readString(ROOT.resolve(file));
  }

  @Test
  void versionOfTheProject_isThatOfChartImageAndManifests() throws Exception {
    String version = ProjectVersion.text();
    String image = "quay.io/countersign/approver:" + version;
    assertThat(text("deploy/helm/countersign/Chart.yaml"))
        .contains("\nversion: " + version + "\n", "\nappVersion: " + version + "\n", image + "\n");
    assertThat(text("examples/approver-image.yaml")).contains("\nversion: " + version + "\n");
    assertThat(text("deploy/kustomize/base/deployment.yaml")).contains(image + "\n");
    assertThat(Command.run("manifests").orThrow()).contains(image + "\n");
  }
}
