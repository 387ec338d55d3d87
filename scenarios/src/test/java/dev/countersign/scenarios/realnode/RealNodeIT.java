package dev.countersign.scenarios.realnode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.countersign.cli.demo.machine.RealNodeDemo;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code demo --real-node} as a user runs it, and what it leaves behind however it ends. */
@RequiresRoot
@RequiresTool({"podman", "runc", "ip", "iptables", "iptables-save", "unshare", "setsid", "env"})
@DisabledIfSystemProperty(
    named = "countersign.realNode",
    matches = "false",
    disabledReason = "left out by -Dcountersign.realNode=false")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RealNodeIT {
  private static final String MARK = "COUNTERSIGN_TEST_RUN";
  private static final int LONGEST_MINUTES = 20;
  private static final int PATIENCE_SECONDS = 60;

  /** Which of {@link End} are tried; every one costs the start of a machine. */
  private static final String ENDS = "countersign.realNode.ends";

  /** What ends a demo early. */
  enum End {
    /** Ctrl-C: SIGINT to the whole foreground group, as a terminal sends it. */
    INTERRUPT(130),
    /** SIGTERM to the demo's own process. */
    TERMINATE(143),
    /** SIGKILL to it, of which it can't know. */
    KILL(137),
    /** A unit of the machine dies. */
    FAILURE(1);

    private final int status;

    End(int status) {
      this.status = status;
    }
  }

  private final String mark = UUID.randomUUID().toString();

  /** A run of the demo in a session of its own, so that its group is its own. */
  private Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                "setsid",
                "env",
                "--default-signal=INT,TERM",
                Path.of("../countersign").toRealPath().toString(),
                "demo",
                "--real-node")
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    // The build that runs this has made the jars; they must not be made again beneath it.
    builder.environment().putAll(Map.of("COUNTERSIGN_NO_BUILD", "1", MARK, mark));
    Process demo = builder.start();
    demo.getOutputStream().close();
    return demo;
  }

  static Stream<End> ends() {
    return Arrays.stream(System.getProperty(ENDS, "KILL").split(",", -1))
        .filter(name -> !name.isEmpty())
        .map(End::valueOf);
  }

  @BeforeAll
  static void jars_areThere() {
    assertThat(Path.of("../cli/target/app"))
        .as("the jars, made by mvn package or by ./countersign")
        .isDirectoryContaining("glob:**/countersign-cli-*.jar");
  }

  @BeforeEach
  void host_canRunMachines() throws Exception {
    assumeThat(RealNodeDemo.unavailable().orElse("")).isEmpty();
  }

  @Test
  @Order(1)
  void machines_fromIgnitionToASecondBoot_keepEveryPromise_andLeaveNothing() throws Exception {
    HostTraces before = HostTraces.now();
    Process demo = start();
    String said = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(demo.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)).isTrue();
    assertThat(demo.exitValue()).as(said).isZero();
    assertThat(results(said))
        .containsEntry("kube-apiserver is ready, from its rendered static pod", "yes")
        .containsEntry("bootstrap.service applied the rendered manifests", "yes")
        .containsEntry("static pods Ready, from files, with the images built here", "yes")
        .containsEntry("the controller's Node registered and is Ready", "yes")
        .containsEntry("the approver runs as a pod and approved its own node", "yes")
        .containsEntry("kubectl logs", "yes")
        .containsEntry("kubectl exec", "yes")
        .containsEntry("the Lease changed hands in a rolling update", "yes")
        .containsEntry("the serving certificate was renewed over it", "yes")
        .containsEntry("delete-node drained it", "yes")
        .containsEntry("delete-node removed the Node", "yes")
        .containsEntry("joined again on the second boot", "yes")
        .allSatisfy((check, result) -> assertThat(result).as(check).doesNotStartWith("NO"));
    assertNothingLeft(before, demo.pid());
  }

  @ParameterizedTest
  @MethodSource("ends")
  @Order(2)
  void demo_endedEarly_leavesNothing(End end) throws Exception {
    HostTraces before = HostTraces.now();
    Process demo = start();
    List<String> said = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(demo.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null && !line.startsWith("2. ")) {
        said.add(line);
        line = lines.readLine();
      }
      assertThat(line).as("the second chapter, after %s", said).isNotNull();
      // etcd in podman, and a kubelet that starts static pods.
      assertThat(HostTraces.processes(mark, group(demo.pid())))
          .anyMatch(process -> process.contains("podman run --name etcd"))
          .anyMatch(process -> process.contains("containerd"));
      switch (end) {
        case INTERRUPT -> signal("INT", "-" + demo.pid());
        case TERMINATE -> signal("TERM", String.valueOf(demo.pid()));
        case KILL -> signal("KILL", String.valueOf(demo.pid()));
        case FAILURE -> signal("KILL", pidOf("podman run --name etcd", demo.pid()));
      }
      assertThat(demo.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)).isTrue();
    } finally {
      demo.destroy();
    }
    assertThat(demo.exitValue()).isEqualTo(end.status);
    assertNothingLeft(before, demo.pid());
  }

  private String pidOf(String command, long demo) throws IOException {
    return HostTraces.processes(mark, group(demo)).stream()
        .filter(process -> process.contains(command))
        .map(process -> process.split(" ", 2)[0])
        .findFirst()
        .orElseThrow();
  }

  private static String group(long demo) {
    return "countersign-machine-" + demo;
  }

  private static void signal(String name, String target) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-s", name, "--", target).inheritIO().start().waitFor())
        .isZero();
  }

  /** The results of the table at the end, by check. */
  private static Map<String, String> results(String said) {
    Map<String, String> results = new TreeMap<>();
    said.substring(said.indexOf("CHECK"))
        .lines()
        .skip(1)
        .map(line -> line.strip().split("\\s{2,}", 2))
        .filter(words -> words.length == 2)
        .forEach(words -> results.put(words[0], words[1]));
    return results;
  }

  /** What a killed demo left is removed by another process, in its time. */
  private void assertNothingLeft(HostTraces before, long demo)
      throws IOException, InterruptedException {
    HostTraces after = HostTraces.now();
    List<String> processes = HostTraces.processes(mark, group(demo));
    for (int i = 0; i < PATIENCE_SECONDS; i++) {
      if (processes.isEmpty() && after.since(before).isEmpty()) {
        break;
      }
      TimeUnit.SECONDS.sleep(1);
      after = HostTraces.now();
      processes = HostTraces.processes(mark, group(demo));
    }
    assertThat(processes).isEmpty();
    assertThat(after.since(before)).isEmpty();
  }
}
