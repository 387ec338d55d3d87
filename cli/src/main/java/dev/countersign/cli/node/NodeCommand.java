package dev.countersign.cli.node;

import dev.countersign.cli.terminal.CommandGroup;
import picocli.CommandLine.Command;

/** The group {@code node}. */
@Command(
    name = "node",
    description = "Nodes: report, verify, doctor, addresses, drain, uncordon, delete.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      NodeReportCommand.class,
      NodeVerify.class,
      NodeDoctor.class,
      NodeAddresses.class,
      NodeDrain.class,
      NodeUncordon.class,
      NodeDelete.class
    },
    footer = {"", "Example:", "  countersign node verify --all"})
public final class NodeCommand extends CommandGroup {}
