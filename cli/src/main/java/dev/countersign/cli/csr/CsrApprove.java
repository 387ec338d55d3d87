package dev.countersign.cli.csr;

import dev.countersign.cli.terminal.Console;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.Finding;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code csr approve}. */
@Command(
    name = "approve",
    description = {
      "Approve a request by hand, after showing what the policy decides. Who did it and why is"
          + " written into the condition.",
      "Where something is wrong in the request itself, or a fact of the cluster speaks against it"
          + " (another Node owns the address, or the cluster; the Node does not name it), it is"
          + " refused unless forced. What is only not known yet or not there yet needs no force:"
          + " FactUnknown, NodeMissing, AddressClaimUnrecorded, DnsUnresolved, PendingLimit,"
          + " RuleUndecided. The first four need it, too, where the API server does not show its"
          + " own certificate (a proxy, insecure-skip-tls-verify): whether a name is the server's"
          + " is not known then."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  countersign csr approve csr-8xk2p --reason 'new rack, seen by Ada'"
    })
public final class CsrApprove extends CsrDecisionCommand {
  /**
   * What says only that something is not known or not there yet, which a person may know better.
   * Every other reason speaks against the request; one that is new does, too.
   */
  private static final Set<String> NOT_YET =
      names(
          Reason.FACT_UNKNOWN,
          Reason.NODE_MISSING,
          Reason.ADDRESS_CLAIM_UNRECORDED,
          Reason.DNS_UNRESOLVED,
          Reason.PENDING_LIMIT,
          Reason.RULE_UNDECIDED);

  /**
   * Those of them that leave open whose the names and addresses are: no person sees that they are
   * the API server's, or another machine's by the inventory, where the approver's check for that
   * could not be made.
   */
  private static final Set<String> NAMES_OPEN =
      names(
          Reason.FACT_UNKNOWN,
          Reason.NODE_MISSING,
          Reason.ADDRESS_CLAIM_UNRECORDED,
          Reason.DNS_UNRESOLVED);

  @Option(names = "--force", description = "Approve against violations.")
  private boolean force;

  CsrApprove(Console console) {
    super(console);
  }

  @Override
  Condition condition(String request, Explanation explanation, ApproverFacts facts)
      throws CliException {
    List<Finding> against =
        explanation.against().stream()
            .filter(finding -> speaksAgainst(finding.reason(), facts))
            .toList();
    if (against.isEmpty()) {
      return new Condition("Approved", "CountersignByHand");
    }
    if (!force) {
      throw new CliException(ExitStatus.REFUSED, refusal(request, against));
    }
    return new Condition("Approved", "CountersignForced");
  }

  private static Set<String> names(Reason... reasons) {
    return Arrays.stream(reasons).map(Reason::camelCase).collect(Collectors.toUnmodifiableSet());
  }

  private static boolean speaksAgainst(String reason, ApproverFacts facts) {
    return !NOT_YET.contains(reason)
        || (facts == ApproverFacts.SOME_ELSEWHERE && NAMES_OPEN.contains(reason));
  }

  private static String refusal(String request, List<Finding> against) {
    Finding first = against.getFirst();
    return SafeText.line(request)
        + ": got "
        + against.stream().map(Finding::reason).distinct().collect(Collectors.joining(", "))
        + " ("
        + first.where()
        + (against.size() > 1 ? "; " + (against.size() - 1) + " more" : "")
        + "); want none of it. "
        + first.remedy()
        + " --force approves it nevertheless";
  }
}
