package dev.countersign.cli.node;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code node}. */
@Command(
    name = "node",
    description = "Nodes: verify, doctor, addresses, drain, delete.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      NodeVerify.class,
      NodeDoctor.class,
      NodeAddresses.class,
      NodeDrain.class,
      NodeDelete.class
    },
    footer = {"", "Example:", "  countersign node verify --all"})
public final class NodeCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "got no command; want one of: verify, doctor, addresses, drain, delete");
  }
}
