package dev.countersign.scenarios.deployment;

import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.testkit.GoProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Helm in one version: built once from its Go module into the user's cache directory. Without Go,
 * or without a module proxy the first time, the tests that need it are skipped with that reason;
 * with {@code CI=true} they fail.
 */
final class Helm {
  private static final String VERSION = "v3.22.0";

  /** Without it Helm takes the version of Kubernetes from its own build, which is not told here. */
  private static final String KUBERNETES =
      KubernetesReleases.supported().byDefault().toString().substring(1);

  private final Path program;
  private final Path home;

  private Helm(Path program, Path home) {
    this.program = program;
    this.home = home;
  }

  /**
   * @param home an empty directory for Helm's own files
   */
  static Helm obtain(Path home) throws IOException, InterruptedException {
    return new Helm(new GoProgram("helm", "helm.sh/helm/v3", VERSION, "cmd/helm").obtain(), home);
  }

  /** {@code helm template} of the chart in the default namespace of the approver. */
  Ran template(Path chart, String... options) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "template",
                "countersign",
                chart.toString(),
                "--kube-version=" + KUBERNETES,
                "--namespace=countersign-system"));
    command.addAll(List.of(options));
    return run(command);
  }

  /** A release's command: {@code install}, {@code upgrade} or {@code uninstall}. */
  Ran release(String command, Path kubeconfig, String... options)
      throws IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(
            List.of(
                command,
                "countersign",
                "--kubeconfig=" + kubeconfig,
                "--namespace=countersign-system"));
    words.addAll(List.of(options));
    return run(words);
  }

  /** {@code helm lint --strict}. */
  Ran lint(Path chart) throws IOException, InterruptedException {
    return run(List.of("lint", "--strict", "--kube-version=" + KUBERNETES, chart.toString()));
  }

  /** Any other command, with Helm's own files in the home. */
  Ran run(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(arguments);
    return Ran.run(
        "",
        Map.of(
            "HELM_CACHE_HOME", home.resolve("cache").toString(),
            "HELM_CONFIG_HOME", home.resolve("config").toString(),
            "HELM_DATA_HOME", home.resolve("data").toString(),
            "KUBECONFIG", home.resolve("none").toString()),
        command);
  }
}
