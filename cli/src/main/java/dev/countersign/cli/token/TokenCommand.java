package dev.countersign.cli.token;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

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
public final class TokenCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "got no command; want one of: create, list, rotate, delete");
  }
}
