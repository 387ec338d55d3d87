package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.file.ClusterObjects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code csr deny}. */
@Command(
    name = "deny",
    description = "Deny a request by hand, after showing what the policy says of it. It is final.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign csr deny csr-8xk2p --why 'not our machine'"})
public final class CsrDeny extends ClusterCommand {
  private final Console console;

  @Parameters(paramLabel = "NAME", description = "A request in the cluster.")
  private String name = "";

  @Option(names = "--why", paramLabel = "TEXT", required = true, description = "For the record.")
  private String why = "";

  CsrDeny(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CommandFailure {
    LiveObjects.Judged judged =
        LiveObjects.request(cluster, namespaceOr(LiveObjects.RECORDS_NAMESPACE), name);
    ClusterObjects objects = judged.objects();
    Explanation explanation =
        new Judgement(PolicyConfig.defaults(), objects).explain(objects.requests().getFirst());
    CsrExplain.print(console, OutputFormat.TABLE, explanation);
    if (explanation.decision() instanceof Decision.Ignore(Decision.Ground ground)) {
      throw new CommandFailure(
          ExitStatus.REFUSED, name + ": got a request to leave alone (" + ground.text() + ")");
    }
    Verdict.write(cluster, judged, "Denied", "CountersignByHand", why);
    console.out().println("\ncertificatesigningrequest " + Console.printable(name) + " denied");
    return ExitStatus.OK;
  }
}
