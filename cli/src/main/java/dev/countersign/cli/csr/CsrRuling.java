package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.explain.Explanation;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A person's decision on one request: the explanation first, then the condition. */
abstract class CsrRuling extends ClusterCommand {
  private final Console console;

  @Parameters(paramLabel = "NAME", description = "A request in the cluster.")
  private String name = "";

  @Option(names = "--why", paramLabel = "TEXT", required = true, description = "For the record.")
  private String why = "";

  @Mixin private PolicyOption policy = new PolicyOption();

  CsrRuling(Console console) {
    this.console = console;
  }

  /** What to write as the condition. */
  record Condition(String type, String reason) {}

  /** The condition to write, or why this decision is not to be overruled. */
  abstract Condition condition(String request, Decision decision) throws CommandFailure;

  @Override
  protected final ExitStatus run(ClusterAccess cluster) throws CommandFailure {
    if (why.isBlank()) {
      throw CommandFailure.usage("--why: got nothing; want the reason, for the record");
    }
    LiveObjects.Judged judged = LiveObjects.request(cluster, namespace(), name);
    Explanation explanation = Judgement.live(policy.read(), judged.objects(), cluster).only();
    CsrExplain.print(console, OutputFormat.TABLE, explanation);
    if (explanation.decision() instanceof Decision.Ignore(Decision.Ground ground)) {
      throw new CommandFailure(
          ExitStatus.REFUSED, name + ": got a request to leave alone (" + ground.text() + ")");
    }
    Condition condition = condition(name, explanation.decision());
    Verdict.write(cluster, judged, condition.type(), condition.reason(), why);
    console.out().println();
    console
        .out()
        .printf(
            "certificatesigningrequest %s %s%n",
            Console.printable(name), condition.type().equals("Denied") ? "denied" : "approved");
    return ExitStatus.OK;
  }
}
