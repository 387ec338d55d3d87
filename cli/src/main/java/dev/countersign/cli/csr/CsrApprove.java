package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.file.ClusterObjects;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code csr approve}. */
@Command(
    name = "approve",
    description = {
      "Approve a request by hand, after showing what the policy says of it. Refuses where something"
          + " is wrong in the request itself, unless forced."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign csr approve csr-8xk2p --why 'new rack, seen by Ada'"})
public final class CsrApprove extends ClusterCommand {
  private final Console console;

  @Parameters(paramLabel = "NAME", description = "A request in the cluster.")
  private String name = "";

  @Option(names = "--why", paramLabel = "TEXT", required = true, description = "For the record.")
  private String why = "";

  @Option(names = "--force", description = "Approve against violations in the request itself.")
  private boolean force;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "Policy file. Default: the built-in policy.")
  private @Nullable Path policy;

  CsrApprove(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CommandFailure {
    LiveObjects.Judged judged =
        LiveObjects.request(cluster, namespaceOr(LiveObjects.RECORDS_NAMESPACE), name);
    ClusterObjects objects = judged.objects();
    Explanation explanation =
        new Judgement(Judgement.policy(policy), objects).explain(objects.requests().getFirst());
    CsrExplain.print(console, OutputFormat.TABLE, explanation);
    if (explanation.decision() instanceof Decision.Ignore(Decision.Ground ground)) {
      throw new CommandFailure(
          ExitStatus.REFUSED, name + ": got a request to leave alone (" + ground.text() + ")");
    }
    if (explanation.decision() instanceof Decision.Deny && !force) {
      throw new CommandFailure(
          ExitStatus.REFUSED,
          name
              + ": got violations in the request itself, above; want none; --force approves it"
              + " nevertheless");
    }
    Verdict.write(
        cluster,
        judged,
        "Approved",
        explanation.decision() instanceof Decision.Deny ? "CountersignForced" : "CountersignByHand",
        why);
    console.out().println("\ncertificatesigningrequest " + Console.printable(name) + " approved");
    return ExitStatus.OK;
  }
}
