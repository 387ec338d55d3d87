package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cli.terminal.Table;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.request.CsrView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code csr list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List undecided requests with their node, age, and the first thing against each.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign csr list"})
public final class CsrList extends ClusterCommand {
  private final Console console;

  @Mixin private PolicyOption policy = new PolicyOption();

  @Mixin private FormatOption format = new FormatOption();

  CsrList(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CommandFailure {
    ClusterObjects objects = LiveObjects.all(cluster, namespace(), console);
    List<Explanation> explanations;
    try (Judgement judgement = Judgement.live(policy.read(), objects, cluster)) {
      explanations = judgement.explain(objects.requests());
    }
    ServerNames.of(cluster).tell(console);
    Instant now = InstantSource.system().instant();
    Table table = Table.of("NAME", "REQUESTOR", "AGE", "DECISION", "FIRST REASON");
    List<Map<String, Object>> items = new ArrayList<>();
    for (int i = 0; i < explanations.size(); i++) {
      CsrView csr = objects.requests().get(i);
      Explanation explanation = explanations.get(i);
      if (!(explanation.decision() instanceof Decision.Ignore)) {
        String reason =
            explanation.decision().violations().stream()
                .findFirst()
                .map(Violation::reason)
                .map(found -> found.camelCase())
                .orElse("-");
        String requestor = csr.requestor().username();
        Duration age = Duration.between(csr.created(), now);
        table.row(csr.name(), requestor, shown(age), explanation.word(), reason);
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("name", csr.name());
        item.put("requestor", csr.requestor().username());
        item.put("ageSeconds", age.toSeconds());
        item.put("decision", explanation.word());
        item.put("firstReason", reason);
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

  private static String shown(Duration age) {
    return age.toDays() > 0
        ? age.toDays() + "d"
        : age.toHours() > 0
            ? age.toHours() + "h"
            : age.toMinutes() > 0 ? age.toMinutes() + "m" : age.toSeconds() + "s";
  }
}
