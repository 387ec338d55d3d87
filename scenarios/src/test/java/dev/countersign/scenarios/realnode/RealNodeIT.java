package dev.countersign.scenarios.realnode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** {@code demo --real-node} as a user runs it, and what it leaves behind. */
@RequiresRoot
@RequiresTool({"podman", "runc", "ip", "iptables", "unshare"})
@EnabledIfSystemProperty(
    named = "countersign.realNode",
    matches = "true",
    disabledReason = "builds images for minutes; mvn -Pnightly runs it")
final class RealNodeIT {
  private static final Path CONTROL_GROUPS = Path.of("/sys/fs/cgroup");

  @Test
  void machine_fromIgnitionToASecondBoot_keepsEveryPromise_andLeavesNothing() throws Exception {
    String mountsBefore = Files.readString(Path.of("/proc/self/mounts"));
    Process demo =
        new ProcessBuilder(Path.of("../countersign").toRealPath().toString(), "demo", "--real-node")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    demo.getOutputStream().close();
    String said = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(demo.waitFor()).as(said).isZero();
    Map<String, String> results = new TreeMap<>();
    said.substring(said.indexOf("CHECK"))
        .lines()
        .skip(1)
        .map(line -> line.strip().split("\\s{2,}", 2))
        .filter(words -> words.length == 2)
        .forEach(words -> results.put(words[0], words[1]));
    assertThat(results)
        .containsEntry("the approver runs as a pod and approved its own node", "yes")
        .containsEntry("kubectl logs", "yes")
        .containsEntry("kubectl exec", "yes")
        .containsEntry("the serving certificate was renewed over a rolling update", "yes")
        .containsEntry("delete-node removed the Node", "yes")
        .containsEntry("joined again on the second boot", "yes");
    assertThat(results.values()).noneMatch(result -> result.startsWith("NO"));
    assertThat(Files.readString(Path.of("/proc/self/mounts"))).isEqualTo(mountsBefore);
    assertThat(groups()).isEmpty();
  }

  private static List<Path> groups() throws IOException {
    try (Stream<Path> walk = Files.walk(CONTROL_GROUPS, 2)) {
      return walk.filter(
              path -> String.valueOf(path.getFileName()).startsWith("countersign-machine-"))
          .toList();
    }
  }
}
