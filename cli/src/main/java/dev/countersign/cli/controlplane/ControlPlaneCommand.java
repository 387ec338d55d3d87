package dev.countersign.cli.controlplane;

import dev.countersign.cli.terminal.CommandGroup;
import picocli.CommandLine.Command;

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
public final class ControlPlaneCommand extends CommandGroup {}
