package dev.countersign.cli.csr;

import dev.countersign.cli.terminal.CommandGroup;
import picocli.CommandLine.Command;

/** The group {@code csr}. */
@Command(
    name = "csr",
    description = "Requests for serving certificates: list, explain, approve, deny.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {CsrList.class, CsrExplain.class, CsrApprove.class, CsrDeny.class},
    footer = {"", "Example:", "  countersign csr explain csr-8xk2p"})
public final class CsrCommand extends CommandGroup {}
