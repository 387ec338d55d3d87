package dev.countersign.testbed.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testkit.RequiresTool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresTool("setsid")
final class SuperviseMainTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path directory;

  @Test
  void endOfInput_endsEverythingAndRunsWhatWasLeftForTheEnd() throws Exception {
    Path undone = directory.resolve("undone");
    ProcessIdentity sleep;
    try (Supervisor supervisor = Supervisor.startInJava(directory.resolve("supervise.log"))) {
      sleep = supervisor.start(launch("sleep", "sleep", "600"));
      assertThat(sleep.isAlive()).isTrue();
      assertThat(ProcessIdentity.of(sleep.pid())).contains(sleep);
      // The last one registered runs first.
      supervisor.atEnd(List.of("cp", directory.resolve("first").toString(), undone.toString()));
      supervisor.atEnd(List.of("touch", directory.resolve("first").toString()));
      assertThat(undone).doesNotExist();
    }
    assertThat(sleep.isAlive()).isFalse();
    assertThat(undone).exists();
  }

  @Test
  void signal_reachesTheWholeGroup() throws Exception {
    Path grandchild = directory.resolve("pid");
    try (Supervisor supervisor = Supervisor.startInJava(directory.resolve("supervise.log"))) {
      supervisor.start(
          launch("shell", "sh", "-c", "sleep 600 & echo $! >pid.new; mv pid.new pid; wait"));
      awaitTrue(() -> Files.exists(grandchild));
      long pid = Long.parseLong(Files.readString(grandchild).strip());
      assertThat(ProcessIdentity.of(pid)).isPresent();
      supervisor.signal("shell", Supervisor.Signal.KILL);
      assertThat(supervisor.awaitExit("shell", PATIENCE))
          .contains(new Supervisor.Exit.Signal("killed"));
      awaitTrue(() -> ProcessIdentity.of(pid).isEmpty());
    }
  }

  @Test
  void exitCodeEnvironmentAndLog_areAsAsked() throws Exception {
    Path log = directory.resolve("shell.log");
    Files.writeString(log, "before\n");
    Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-------"));
    try (Supervisor supervisor = Supervisor.startInJava(directory.resolve("supervise.log"))) {
      supervisor.start(
          launch("shell", "sh", "-c", "echo $GIVEN; echo error >&2; read line; sleep 1; exit 7"));
      assertThat(supervisor.awaitExit("shell", PATIENCE)).contains(new Supervisor.Exit.Code(7));
      assertThat(log).hasContent("before\nvalue\nerror\n");
      supervisor.start(launch("new", "sleep", "600"));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(log("new"))))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void keepRunning_startsAgainWhatEnded_untilItIsToldToEnd() throws Exception {
    Path starts = directory.resolve("starts");
    try (Supervisor supervisor = Supervisor.startInJava(directory.resolve("supervise.log"))) {
      supervisor.keepRunning(
          launch("shell", "sh", "-c", "echo start >>starts; read line; exec sleep 2"));
      awaitTrue(() -> Files.exists(starts) && Files.readAllLines(starts).size() == 2);
      awaitTrue(() -> supervisor.running("shell").isPresent());
      supervisor.signal("shell", Supervisor.Signal.KILL);
      assertThat(supervisor.awaitExit("shell", PATIENCE))
          .contains(new Supervisor.Exit.Signal("killed"));
      TimeUnit.SECONDS.sleep(4);
      assertThat(supervisor.running("shell")).isEmpty();
    }
  }

  @Test
  void missingProgram_isRefused() throws Exception {
    try (Supervisor supervisor = Supervisor.startInJava(directory.resolve("supervise.log"))) {
      assertThatThrownBy(() -> supervisor.start(launch("none", "/nowhere/none")))
          .isInstanceOf(ControlPlaneFailure.class)
          .hasMessageContaining("/nowhere/none: no such program");
    }
  }

  @Test
  @RequiresTool("setpriv")
  void killedSupervisor_takesItsChildrenWithIt() throws Exception {
    try (Supervisor supervisor = Supervisor.startInJava(directory.resolve("supervise.log"))) {
      ProcessIdentity sleep = supervisor.start(launch("sleep", "sleep", "600"));
      ProcessHandle.of(supervisor.identity().pid()).orElseThrow().destroyForcibly();
      awaitTrue(() -> !sleep.isAlive());
    }
  }

  @Test
  void detached_outlivesTheEndOfInputUntilSigterm() throws Exception {
    Process supervise =
        new ProcessBuilder(SuperviseMain.command())
            .redirectError(directory.resolve("supervise.log").toFile())
            .start();
    try (BufferedReader events = supervise.inputReader()) {
      try (Writer commands = supervise.outputWriter()) {
        assertThat(next(events).path("event").asText()).isEqualTo("ready");
        commands.write(
            "{\"do\":\"start\",\"name\":\"sleep\",\"command\":[\"sleep\",\"600\"],\"log\":\"%s\"}\n"
                .formatted(log("sleep")));
        commands.write("{\"do\":\"detach\"}\n");
      }
      JsonNode started = next(events);
      assertThat(started.path("event").asText()).isEqualTo("started");
      ProcessIdentity sleep = ProcessIdentity.of(started.path("pid").asLong()).orElseThrow();
      assertThat(started.path("startTime").asLong()).isEqualTo(sleep.startTicks());
      assertThat(next(events).path("event").asText()).isEqualTo("detached");
      assertThat(next(events).path("event").asText()).isEqualTo("alone");
      assertThat(sleep.isAlive()).isTrue();
      assertThat(supervise.toHandle().destroy()).isTrue();
      assertThat(next(events).path("signal").asText()).isEqualTo("terminated");
      assertThat(next(events).path("event").asText()).isEqualTo("ended");
      assertThat(sleep.isAlive()).isFalse();
      assertThat(supervise.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } finally {
      supervise.destroyForcibly();
    }
  }

  private Launch launch(String name, String... command) {
    return new Launch(name, List.of(command), Map.of("GIVEN", "value"), directory, log(name));
  }

  private Path log(String name) {
    return directory.resolve(name + ".log");
  }

  private static JsonNode next(BufferedReader events) throws IOException {
    String line = events.readLine();
    assertThat(line).isNotNull();
    return new ObjectMapper().readTree(line);
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void awaitTrue(Condition condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("the time is over").isLessThan(deadline);
      Thread.sleep(20);
    }
  }
}
