package dev.countersign.cli.csr;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cli.cluster.PolicyOption;
import dev.countersign.cli.terminal.Changes;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A person's decision on one request: the explanation first, then the condition. */
abstract class CsrDecisionCommand extends ClusterCommand {
  private static final Set<SignerName> SIGNERS =
      Set.of(SignerName.KUBELET_SERVING, SignerName.KUBELET_CLIENT);

  private final Console console;

  @CompletedBy(CompletionKind.REQUEST)
  @Parameters(paramLabel = "NAME", description = "A request in the cluster.")
  private String name = "";

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      required = true,
      description = "The reason, for the record: it is written into the request's condition.")
  private String reason = "";

  @Mixin private PolicyOption policy = new PolicyOption();

  @Mixin private PolicyFilesOption policyFiles = new PolicyFilesOption();

  @Mixin private JoinFactOptions join = new JoinFactOptions();

  @Mixin private FormatOption format = new FormatOption();

  CsrDecisionCommand(Console console) {
    this.console = console;
  }

  /** What to write as the condition. */
  record Condition(String type, String reason) {}

  /** The condition to write, or why this decision is not to be overruled. */
  abstract Condition condition(String request, Explanation explanation, ApproverFacts facts)
      throws CliException;

  @Override
  protected boolean takesNamespace() {
    return true;
  }

  @Override
  protected final ExitStatus run(ClusterAccess cluster) throws CliException {
    if (reason.isBlank()) {
      throw CliException.usage("--reason: got nothing; want the reason, for the record");
    }
    LiveObjects.Judged judged = LiveObjects.request(cluster, namespace(), name, console);
    Explanation explanation;
    ApproverFacts facts;
    PolicyInForce inForce = policy.live(cluster, namespace());
    try (CsrEvaluator judgement =
        CsrEvaluator.live(inForce, policyFiles, join, judged.objects(), cluster)) {
      explanation = judgement.only();
      judgement.tell(console);
      facts =
          judged.serverNames() == ServerNames.KNOWN && judgement.hasAllFiles()
              ? ApproverFacts.ALL_HERE
              : ApproverFacts.SOME_ELSEWHERE;
    }
    judged.serverNames().tell(console);
    if (format.isTable()) {
      CsrExplain.print(console, OutputFormat.TABLE, explanation);
    }
    CsrSpec csr = judged.objects().requests().getFirst();
    if (!csr.isPending()) {
      throw new CliException(
          ExitStatus.REFUSED,
          SafeText.line(name)
              + ": got a request that is no longer pending; want one that is; "
              + String.join(" ", explanation.changes()));
    }
    if (!SIGNERS.contains(csr.signer())) {
      throw new CliException(
          ExitStatus.REFUSED,
          SafeText.line(name)
              + ": got a request for signer "
              + SafeText.line(csr.signer().text())
              + "; want one for a kubelet's serving or client certificate: csr list shows them");
    }
    Condition condition = condition(name, explanation, facts);
    Verdict.write(cluster, judged, condition.type(), condition.reason(), reason);
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
