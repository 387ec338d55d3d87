package dev.countersign.scenarios.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.CountersignProcess;
import dev.countersign.scenarios.fixture.FlightRecording;
import dev.countersign.scenarios.fixture.OnControlPlane;
import dev.countersign.testbed.node.SimulatedKubelet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ways of operate.md to profile an approver: attached, and from its start on. */
@OnControlPlane
class FlightRecordingIT {
  @Test
  void approver_recordsItself_onRequestAndFromItsStart(Cluster cluster, @TempDir Path directory)
      throws Exception {
    Path whole = directory.resolve("whole.jfr");
    List<String> command =
        new ArrayList<>(
            CountersignProcess.command(
                List.of("approver", "--kubeconfig=" + cluster.plane().layout().adminKubeconfig())));
    command.add(1, "-XX:StartFlightRecording=maxsize=20m,filename=" + whole);
    Process approver =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("approver.log").toFile())
            .start();
    try (SimulatedKubelet node = cluster.registeredNode()) {
      node.rotateServing();
      assertThat(FlightRecording.of(approver.pid(), directory)).contains("jdk.ThreadStart");

      approver.destroy();
      assertThat(approver.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(FlightRecording.summary(whole)).contains("jdk.ThreadStart", "jdk.GCHeapSummary");
    } finally {
      CountersignProcess.stop(approver);
    }
  }
}
