package dev.countersign.cli.csr;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cli.cluster.PolicyOption;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cli.terminal.Table;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CommandFailure;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.Finding;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.request.CsrView;
import dev.countersign.policy.request.SignerName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code csr list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = {
      "List undecided requests for kubelets' serving and client certificates with the requestor,"
          + " the age, and the first thing against each, by the policy that is in force in the"
          + " cluster.",
      "ignore stands for what kube-controller-manager decides: requests for client certificates"
          + " where strict join is off."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign csr list"})
public final class CsrList extends ClusterCommand {
  private final Console console;

  @Mixin private PolicyOption policy = new PolicyOption();

  @Mixin private PolicyFilesOption policyFiles = new PolicyFilesOption();

  @Mixin private JoinFactOptions join = new JoinFactOptions();

  @Mixin private FormatOption format = new FormatOption();

  CsrList(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CommandFailure {
    ClusterObjects objects = LiveObjects.all(cluster, namespace(), console);
    PolicyInForce inForce = policy.live(cluster, namespace());
    List<Explanation> explanations;
    try (Judgement judgement =
        Judgement.live(
            inForce,
            policyFiles.of(inForce, cluster),
            objects,
            join.options(inForce, Optional.of(cluster)),
            cluster)) {
      explanations = judgement.explain(objects.requests());
      judgement.tell(console);
    }
    ServerNames.of(cluster).tell(console);
    if (format.isTable()) {
      console.err().println("judged by " + inForce.source());
    }
    Instant now = InstantSource.system().instant();
    Table table = Table.of("NAME", "SIGNER", "REQUESTOR", "AGE", "DECISION", "FIRST REASON");
    List<Map<String, Object>> items = new ArrayList<>();
    for (int i = 0; i < explanations.size(); i++) {
      CsrView csr = objects.requests().get(i);
      Explanation explanation = explanations.get(i);
      if (isListed(csr, explanation)) {
        String reason =
            explanation.findings().stream().findFirst().map(Finding::reason).orElse("-");
        String requestor = csr.requestor().username();
        Duration age = Duration.between(csr.created(), now);
        table.row(
            csr.name(),
            csr.signer().text().replace("kubernetes.io/", ""),
            requestor,
            shown(age),
            explanation.word(),
            reason);
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("name", csr.name());
        item.put("signerName", csr.signer().text());
        item.put("requestor", csr.requestor().username());
        item.put("ageSeconds", age.toSeconds());
        item.put("decision", explanation.word());
        item.put("firstReason", reason);
        item.put("policy", inForce.source());
        items.add(item);
      }
    }
    if (!format.isTable()) {
      Document.printItems(console, format.format(), items);
    } else if (items.isEmpty()) {
      console.err().println("no undecided requests");
    } else {
      table.lines().forEach(console.out()::println);
    }
    return ExitStatus.OK;
  }

  /** Whether it waits for us, or for kube-controller-manager where that decides. */
  private static boolean isListed(CsrView csr, Explanation explanation) {
    return csr.isPending()
        && (csr.signer().equals(SignerName.KUBELET_CLIENT)
            || !(explanation.outcome() instanceof Explanation.Outcome.Ignore));
  }

  private static String shown(Duration age) {
    return age.toDays() > 0
        ? age.toDays() + "d"
        : age.toHours() > 0
            ? age.toHours() + "h"
            : age.toMinutes() > 0 ? age.toMinutes() + "m" : age.toSeconds() + "s";
  }
}
