package dev.countersign.cli.token;

import dev.countersign.cli.terminal.CommandGroup;
import picocli.CommandLine.Command;

/** The group {@code token}. */
@Command(
    name = "token",
    description = "Bootstrap tokens: create, list, rotate, delete.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TokenCreate.class, TokenList.class, TokenRotate.class, TokenDelete.class},
    footer = {
      "",
      "Example:",
      "  countersign token create --node worker-7 --kubeconfig-out bootstrap.kubeconfig",
    })
public final class TokenCommand extends CommandGroup {}
