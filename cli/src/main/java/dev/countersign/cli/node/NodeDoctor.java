package dev.countersign.cli.node;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.cluster.JoinRecordsOption;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.DurationConverter;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cli.terminal.Table;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.doctor.ClusterSnapshot;
import dev.countersign.cluster.doctor.Diagnosis;
import dev.countersign.cluster.doctor.DiagnosticsCollector;
import dev.countersign.cluster.doctor.DoctorFinding;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.SafeText;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code node doctor}. */
@Command(
    name = "doctor",
    description = {
      "Find out why kubelets have no certificate, and print what to do next, one line each. Changes"
          + " nothing. Exits with status 3 if it finds something, and with 1 if it may not list"
          + " Nodes or requests, because then it can rule nothing out."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Examples:", "  countersign node doctor", "  countersign node doctor worker-1"})
public final class NodeDoctor extends ClusterCommand {
  private final Console console;

  @CompletedBy(CompletionKind.NODE)
  @Parameters(paramLabel = "NAME", arity = "0..*", description = "Nodes to look at. Default: all.")
  private List<String> names = List.of();

  @Option(
      names = "--dial",
      description = "Dial kubelets from here, too; needs a route to the nodes.")
  private boolean dial;

  @Option(
      names = "--approver-account",
      paramLabel = "NAMESPACE:NAME",
      description =
          "The approver's service account. Default: the one called countersign-approver, in"
              + " any namespace.")
  private Optional<String> approverAccount = Optional.empty();

  @Option(
      names = "--patience",
      paramLabel = "DURATION",
      converter = DurationConverter.class,
      defaultValue = "1m",
      description = "How long a request may wait before it is reported. Default: ${DEFAULT-VALUE}.")
  private Duration patience = Diagnosis.PATIENCE;

  @Mixin private JoinRecordsOption join = new JoinRecordsOption();

  @Mixin private VerifierOptions verifierOptions = new VerifierOptions();

  @Mixin private FormatOption format = new FormatOption();

  NodeDoctor(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException, IOException {
    if (approverAccount.filter(account -> !account.matches("[^:]+:[^:]+")).isPresent()) {
      throw CliException.usage(
          "--approver-account: got " + approverAccount.get() + "; want NAMESPACE:NAME");
    }
    ClusterSnapshot snapshot =
        new DiagnosticsCollector(
                cluster.client(),
                join.tokens(cluster),
                verifierOptions.verifier(cluster),
                InstantSource.system(),
                join.namespace(),
                approverAccount)
            .look(names, dial ? Set.of(DiagnosticsCollector.Probe.DIAL) : Set.of());
    for (String name : names) {
      if (snapshot.complete()
          && snapshot.nodes().stream().noneMatch(node -> node.name().equals(name))) {
        throw NodeNames.missing(
            name,
            "; one that never joined has none: countersign node doctor without a name looks at its"
                + " requests");
      }
    }
    List<DoctorFinding> findings = Diagnosis.of(snapshot, patience);
    if (format.isTable()) {
      print(findings, snapshot);
    } else {
      document(findings, snapshot);
    }
    if (!snapshot.complete()) {
      throw CliException.environment(
          "nodes and certificatesigningrequests: got no list of both, so that nothing is ruled out;"
              + " want permission to list them: kubectl auth can-i list nodes, and"
              + " certificatesigningrequests");
    }
    return findings.isEmpty() ? ExitStatus.OK : ExitStatus.REFUSED;
  }

  private void print(List<DoctorFinding> findings, ClusterSnapshot snapshot) {
    if (findings.isEmpty() && snapshot.complete()) {
      console.out().println("nothing found on " + snapshot.nodes().size() + " nodes");
    } else if (!findings.isEmpty()) {
      Table table = Table.of("CAUSE", "WHERE", "WHAT", "NEXT");
      for (DoctorFinding finding : findings) {
        table.row(finding.cause().name(), finding.where(), finding.what(), finding.next());
      }
      table.print(console);
    }
    snapshot
        .blanks()
        .forEach(blank -> console.err().println("not checked: " + SafeText.line(blank)));
  }

  private void document(List<DoctorFinding> findings, ClusterSnapshot snapshot) {
    List<Map<String, Object>> items = new ArrayList<>();
    for (DoctorFinding finding : findings) {
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("cause", finding.cause().name());
      item.put("where", finding.where());
      item.put("what", finding.what());
      item.put("next", finding.next());
      items.add(item);
    }
    Map<String, Object> document = Document.ofKind("NodeDiagnosis");
    document.put("items", items);
    document.put("complete", snapshot.complete());
    document.put("notLookedAt", snapshot.blanks());
    Document.print(console, format.format(), document);
  }
}
