package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.terminal.Console;
import dev.countersign.policy.decision.Decision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code csr approve}. */
@Command(
    name = "approve",
    description = {
      "Approve a request by hand, after showing what the policy says of it. Refuses where something"
          + " is wrong in the request itself, unless forced. Who did it and why is written into the"
          + " condition."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign csr approve csr-8xk2p --why 'new rack, seen by Ada'"})
public final class CsrApprove extends CsrRuling {
  @Option(names = "--force", description = "Approve against violations in the request itself.")
  private boolean force;

  CsrApprove(Console console) {
    super(console);
  }

  @Override
  Condition condition(String request, Decision decision) throws CommandFailure {
    if (!(decision instanceof Decision.Deny)) {
      return new Condition("Approved", "CountersignByHand");
    }
    if (!force) {
      throw new CommandFailure(
          ExitStatus.REFUSED,
          request
              + ": got violations in the request itself, above; want none; --force approves it"
              + " nevertheless");
    }
    return new Condition("Approved", "CountersignForced");
  }
}
