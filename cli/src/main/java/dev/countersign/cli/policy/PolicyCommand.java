package dev.countersign.cli.policy;

import dev.countersign.cli.csr.PolicyCheck;
import dev.countersign.cli.terminal.CommandGroup;
import picocli.CommandLine.Command;

/** The group {@code policy}. */
@Command(
    name = "policy",
    description = "Policies: import one from another approver, check what one would change.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {PolicyImportCommand.class, PolicyCheck.class},
    footer = {"", "Example:", "  countersign policy check policy.yaml"})
public final class PolicyCommand extends CommandGroup {}
