package dev.countersign.cli.controlplane;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.cluster.ClusterState;
import dev.countersign.testbed.cluster.Layout;
import dev.countersign.testbed.process.ProcessIdentity;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code controlplane status}. */
@Command(
    name = "status",
    description = "Show what runs in a directory. Exits with status 3 unless everything runs.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign controlplane status --dir /tmp/cluster"})
public final class ControlPlaneStatus implements Callable<Integer> {
  private static final int NOT_ALL_WELL = 3;

  private final Console console;

  @Option(names = "--dir", paramLabel = "DIR", required = true, description = "Its directory.")
  private Path directory = Path.of(".");

  ControlPlaneStatus(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws ControlPlaneFailure, CliException {
    Layout layout = new Layout(directory.toAbsolutePath().normalize());
    ClusterState state =
        ClusterState.read(layout.state())
            .orElseThrow(
                () ->
                    new CliException(
                        ExitStatus.INTERNAL,
                        layout.state()
                            + ": got no such file; want a directory that countersign controlplane"
                            + " up was given"));
    boolean allWell = state.isAlive();
    console.out().printf("kubernetes  %s%n", state.version());
    console.out().printf("server      %s%n", state.server());
    console.out().printf("kubeconfig  %s%n", layout.adminKubeconfig());
    for (Map.Entry<String, ProcessIdentity> process : new TreeMap<>(state.processes()).entrySet()) {
      boolean alive = process.getValue().isAlive();
      allWell &= alive;
      console
          .out()
          .printf(
              "%-24s  %s%n",
              process.getKey(), alive ? "runs, pid " + process.getValue().pid() : "has ended");
    }
    return allWell ? 0 : NOT_ALL_WELL;
  }
}
