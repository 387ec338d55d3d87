package dev.countersign.cli.csr;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group {@code csr}. */
@Command(
    name = "csr",
    description = "Requests for serving certificates: list, explain, approve, deny.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {CsrList.class, CsrExplain.class, CsrApprove.class, CsrDeny.class},
    footer = {"", "Example:", "  countersign csr explain csr-8xk2p"})
public final class CsrCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "got no command; want one of: list, explain, approve, deny");
  }
}
