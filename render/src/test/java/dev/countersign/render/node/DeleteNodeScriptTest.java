package dev.countersign.render.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.render.AssetPath;
import dev.countersign.render.Specs;
import dev.countersign.render.spec.OperatingSystem;
import dev.countersign.render.spec.Platform;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What the rendered delete-node says and does, with a kubectl that answers what a test wants. */
@RequiresTool("bash")
final class DeleteNodeScriptTest {
  /** What kubectl drain says of pods that it can't see any more, in kubectl's words. */
  private static final String FORBIDDEN =
      """
      node/w1 cordoned
      evicting pod default/greeter
      pod/greeter eviction failed
      error: unable to drain node "w1" due to error: [pods "greeter" is forbidden: no relationship found between node 'w1' and this object], continuing command...
      There are pending nodes to be drained:
       w1
      error when waiting for pod "greeter": no relationship found between node 'w1' and this object
      """;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(OperatingSystem.class)
  void drained_saysWhatDrainSaid(OperatingSystem os) throws Exception {
    assertThat(run(os, new Answers(0, "node/w1 drained\n", 1, "")))
        .containsExactly("node/w1 drained", "node w1 deleted");
  }

  @ParameterizedTest
  @EnumSource(OperatingSystem.class)
  void drainThatCouldNotSeeThatPodsAreGone_saysThatNothingIsLeft(OperatingSystem os)
      throws Exception {
    assertThat(
            run(
                os,
                new Answers(
                    1,
                    FORBIDDEN,
                    0,
                    "DaemonSet kube-system/kube-proxy-x\nNode kube-system/static-w1\n")))
        .containsExactly("w1 was drained: no pod is left on it that could move", "node w1 deleted");
  }

  @ParameterizedTest
  @EnumSource(OperatingSystem.class)
  void podThatStayed_isNamedWithTheReason(OperatingSystem os) throws Exception {
    String budget = "error when evicting pod \"db-0\": it would violate the disruption budget\n";
    assertThat(
            run(
                os,
                new Answers(
                    1,
                    FORBIDDEN + budget,
                    0,
                    "DaemonSet kube-system/kube-proxy-x\nStatefulSet shop/db-0\n default/bare\n")))
        .contains(budget.strip())
        .noneMatch(line -> line.contains("no relationship found"))
        .endsWith(
            "w1 was not drained in full; deleting it all the same; left on it: shop/db-0"
                + " default/bare",
            "node w1 deleted");
  }

  @ParameterizedTest
  @EnumSource(OperatingSystem.class)
  void apiServerThatIsGone_isNotTakenForADrainedNode(OperatingSystem os) throws Exception {
    assertThat(run(os, new Answers(1, "error: connection refused\n", 1, "")))
        .containsExactly(
            "error: connection refused",
            "w1 may not be drained in full, and no list says what is left; deleting it all the"
                + " same",
            "node w1 deleted");
  }

  @ParameterizedTest
  @EnumSource(OperatingSystem.class)
  void limits_fitIntoTheTimeThatAShutdownWaits(OperatingSystem os) {
    String script = script(os);
    List<Integer> limits =
        Pattern.compile("\\bkubectl (\\d+) ")
            .matcher(script)
            .results()
            .map(match -> Integer.valueOf(match.group(1)))
            .toList();
    int waits = number("TimeoutStopSec=(\\d+)s", worker(os));
    assertThat(limits).hasSize(3);
    assertThat(limits.stream().mapToInt(Integer::intValue).sum()).isLessThanOrEqualTo(waits);
    assertThat(number("InhibitDelayMaxSec=(\\d+)s", worker(os))).isEqualTo(waits);
    assertThat(number("--timeout=(\\d+)s", script)).isLessThan(limits.get(0));
  }

  /**
   * How kubectl answers.
   *
   * @param drainStatus of {@code kubectl drain}
   * @param drainOutput of it, on standard error
   * @param listStatus of {@code kubectl get pods}
   * @param listOutput of it
   */
  private record Answers(int drainStatus, String drainOutput, int listStatus, String listOutput) {}

  /** Runs the script with a container engine that is a kubectl; the lines it printed. */
  private List<String> run(OperatingSystem os, Answers answers)
      throws IOException, InterruptedException {
    Files.writeString(directory.resolve("drain"), answers.drainOutput());
    Files.writeString(directory.resolve("list"), answers.listOutput());
    Path engine =
        program(
            "engine",
            """
            case " $* " in
              *" drain w1 --ignore-daemonsets "*) cat '%1$s/drain' >&2; exit %2$d ;;
              *" get pods "*" --field-selector=spec.nodeName=w1,"*) cat '%1$s/list'; exit %3$d ;;
              *" delete node w1 "*) echo 'node w1 deleted' ;;
              *) echo "unexpected: $*"; exit 9 ;;
            esac
            """
                .formatted(directory, answers.drainStatus(), answers.listStatus()));
    program("systemctl", "echo stopping\n");
    String script = script(os).replaceAll("/usr/bin/(podman|docker|rkt)", engine.toString());
    Path file = Files.writeString(directory.resolve("delete-node"), script);
    ProcessBuilder builder =
        new ProcessBuilder("bash", file.toString(), "w1").redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of("PATH", directory + ":" + System.getenv("PATH"), "KUBELET_IMAGE", "kubelet:1"));
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output.lines().toList();
  }

  private Path program(String name, String body) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + body);
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }

  private static String script(OperatingSystem os) {
    Object root = new Yaml(new SafeConstructor(new LoaderOptions())).load(worker(os));
    Map<?, ?> storage = (Map<?, ?>) Objects.requireNonNull(((Map<?, ?>) root).get("storage"));
    return ((List<?>) Objects.requireNonNull(storage.get("files")))
        .stream()
            .map(each -> (Map<?, ?>) each)
            .filter(each -> "/etc/kubernetes/delete-node".equals(each.get("path")))
            .map(each -> (Map<?, ?>) Objects.requireNonNull(each.get("contents")))
            .map(contents -> String.valueOf(contents.get("inline")))
            .findFirst()
            .orElseThrow();
  }

  private static String worker(OperatingSystem os) {
    return Objects.requireNonNull(
            NodeAssets.render(
                    Specs.parse(Specs.withNodes(Platform.DIGITAL_OCEAN, os)),
                    Optional.of(SecretText.of("apiVersion: v1\nkind: Config\n")))
                .get(AssetPath.of("nodes/pool.yaml")))
        .text(SecretAccess.because("run in a test"));
  }

  private static int number(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .map(group -> Integer.valueOf(group.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
