package dev.countersign.cli.csr;

import dev.countersign.cli.terminal.Console;
import dev.countersign.policy.explain.Explanation;
import picocli.CommandLine.Command;

/** {@code csr deny}. */
@Command(
    name = "deny",
    description =
        "Deny a request by hand, after showing what the policy decides. It is final; who did it"
            + " and why is written into the condition.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign csr deny csr-8xk2p --reason 'not our machine'"})
public final class CsrDeny extends CsrDecisionCommand {
  CsrDeny(Console console) {
    super(console);
  }

  @Override
  Condition condition(String request, Explanation explanation, ApproverFacts facts) {
    return new Condition("Denied", "CountersignByHand");
  }
}
