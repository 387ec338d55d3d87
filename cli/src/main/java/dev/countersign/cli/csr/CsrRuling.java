package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.LiveName;
import dev.countersign.cli.terminal.Changes;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.x509.SafeText;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A person's decision on one request: the explanation first, then the condition. */
abstract class CsrRuling extends ClusterCommand {
  private final Console console;

  @CompletedBy(LiveName.REQUEST)
  @Parameters(paramLabel = "NAME", description = "A request in the cluster.")
  private String name = "";

  @Option(names = "--why", paramLabel = "TEXT", required = true, description = "For the record.")
  private String why = "";

  @Mixin private PolicyOption policy = new PolicyOption();

  @Mixin private FormatOption format = new FormatOption();

  CsrRuling(Console console) {
    this.console = console;
  }

  /** What to write as the condition. */
  record Condition(String type, String reason) {}

  /** The condition to write, or why this decision is not to be overruled. */
  abstract Condition condition(String request, Decision decision, ServerNames serverNames)
      throws CommandFailure;

  @Override
  protected final ExitStatus run(ClusterAccess cluster) throws CommandFailure {
    if (why.isBlank()) {
      throw CommandFailure.usage("--why: got nothing; want the reason, for the record");
    }
    LiveObjects.Judged judged = LiveObjects.request(cluster, namespace(), name, console);
    Explanation explanation;
    try (Judgement judgement = Judgement.live(policy.read(), judged.objects(), cluster)) {
      explanation = judgement.only();
    }
    judged.serverNames().tell(console);
    if (format.isTable()) {
      CsrExplain.print(console, OutputFormat.TABLE, explanation);
    }
    if (explanation.decision() instanceof Decision.Ignore(Decision.Ground ground)) {
      throw new CommandFailure(
          ExitStatus.REFUSED,
          SafeText.line(name)
              + ": got a request to leave alone ("
              + ground.text()
              + "); want one that is pending and asks for a kubelet's serving certificate: csr list"
              + " shows them");
    }
    Condition condition = condition(name, explanation.decision(), judged.serverNames());
    Verdict.write(cluster, judged, condition.type(), condition.reason(), why);
    if (format.isTable()) {
      console.out().println();
    }
    try (Changes changes = new Changes(console, format)) {
      changes.add(
          "certificatesigningrequest",
          name,
          condition.type().equals("Denied") ? "denied" : "approved",
          "");
    }
    return ExitStatus.OK;
  }
}
