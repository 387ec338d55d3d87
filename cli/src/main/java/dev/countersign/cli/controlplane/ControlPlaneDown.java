package dev.countersign.cli.controlplane;

import dev.countersign.cli.terminal.Console;
import dev.countersign.testbed.ControlPlane;
import dev.countersign.testbed.ControlPlaneFailure;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code controlplane down}. */
@Command(
    name = "down",
    description =
        "End the control plane of a directory, and nothing else. The directory stays, with its"
            + " logs.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign controlplane down --dir /tmp/cluster"})
public final class ControlPlaneDown implements Callable<Integer> {
  private final Console console;

  @Option(names = "--dir", paramLabel = "DIR", required = true, description = "Its directory.")
  private Path directory = Path.of(".");

  ControlPlaneDown(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws ControlPlaneFailure, InterruptedException {
    boolean ran = ControlPlane.down(directory);
    console.err().println(ran ? directory + ": ended" : directory + ": nothing ran there");
    return 0;
  }
}
