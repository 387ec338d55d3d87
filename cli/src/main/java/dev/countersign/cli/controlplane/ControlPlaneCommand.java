package dev.countersign.cli.controlplane;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code controlplane}. */
@Command(
    name = "controlplane",
    description = "A disposable real control plane: up, down, status, bin.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ControlPlaneUp.class,
      ControlPlaneDown.class,
      ControlPlaneStatus.class,
      ControlPlaneBin.class
    },
    footer = {
      "",
      "Example:",
      "  export KUBECONFIG=$(countersign controlplane up --dir /tmp/cluster)",
      "  kubectl get --raw /readyz",
      "  countersign controlplane down --dir /tmp/cluster",
    })
public final class ControlPlaneCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "got no command; want one of: up, down, status, bin");
  }
}
