package dev.countersign.cli.node;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cli.terminal.Table;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.node.NodeReport;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.time.Durations;
import io.fabric8.kubernetes.api.model.Node;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code node verify}. */
@Command(
    name = "verify",
    description = {
      "Dial kubelets and check the certificates they serve: signed by the cluster, for this node"
          + " and its addresses only, valid, and the last one that was issued. Exits with status 3"
          + " if something is wrong. Needs a route to the nodes."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign node verify worker-1",
      "  countersign node verify --all -o json",
    })
public final class NodeVerify extends ClusterCommand {
  private final Console console;

  @CompletedBy(CompletionKind.NODE)
  @Parameters(paramLabel = "NAME", arity = "0..*", description = "Nodes to verify.")
  private List<String> names = List.of();

  @Option(names = "--all", description = "Verify every node.")
  private boolean all;

  @Mixin private VerifierOptions verifierOptions = new VerifierOptions();

  @Mixin private FormatOption format = new FormatOption();

  NodeVerify(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException, IOException {
    if (names.isEmpty() == !all) {
      throw CliException.usage("NAME: got %s; want names, or --all, and not both".formatted(names));
    }
    List<Node> nodes = new ArrayList<>();
    if (all) {
      nodes.addAll(cluster.client().nodes().list().getItems());
    } else {
      for (String name : names) {
        Node node = cluster.client().nodes().withName(name).get();
        if (node == null) {
          throw NodeNames.missing(name, "");
        }
        nodes.add(node);
      }
    }
    List<NodeReport> reports = verifierOptions.verifier(cluster).verify(nodes);
    if (format.isTable()) {
      print(reports);
    } else {
      Document.printItems(
          console, format.format(), reports.stream().map(NodeVerify::document).toList());
    }
    return reports.stream().allMatch(report -> report.findings().isEmpty())
        ? ExitStatus.OK
        : ExitStatus.REFUSED;
  }

  private void print(List<NodeReport> reports) {
    if (reports.isEmpty()) {
      console.err().println("no nodes");
      return;
    }
    Instant now = InstantSource.system().instant();
    Table table = Table.of("NODE", "ENDPOINT", "EXPIRES", "SERIAL", "RESULT");
    for (NodeReport report : reports) {
      table.row(
          report.node(),
          report.endpoint().orElse("-"),
          report
              .certificate()
              .map(
                  served ->
                      served.notAfter().isAfter(now)
                          ? Durations.human(Duration.between(now, served.notAfter()))
                          : "expired")
              .orElse("-"),
          report.certificate().map(NodeReport.Served::serial).orElse("-"),
          report.findings().isEmpty()
              ? "ok"
              : String.join(",", report.findings().stream().map(f -> f.cause().name()).toList()));
    }
    table.print(console);
    for (NodeReport report : reports) {
      for (NodeReport.Finding finding : report.findings()) {
        console
            .err()
            .println(
                SafeText.line(report.node() + " " + finding.cause() + ": " + finding.message()));
      }
      for (String note : report.notes()) {
        console.err().println(SafeText.line(report.node() + " note: " + note));
      }
    }
  }

  private static Map<String, Object> document(NodeReport report) {
    Map<String, Object> document = Document.ofKind("NodeVerification");
    document.put("node", report.node());
    report.endpoint().ifPresent(endpoint -> document.put("endpoint", endpoint));
    report
        .certificate()
        .ifPresent(
            served -> {
              Map<String, Object> certificate = new LinkedHashMap<>();
              certificate.put("subject", served.subject());
              certificate.put("issuer", served.issuer());
              certificate.put("serial", served.serial());
              certificate.put("sha256", served.sha256());
              certificate.put("notBefore", served.notBefore().toString());
              certificate.put("notAfter", served.notAfter().toString());
              certificate.put("names", served.names());
              document.put("certificate", certificate);
            });
    List<Map<String, Object>> findings = new ArrayList<>();
    for (NodeReport.Finding finding : report.findings()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("cause", finding.cause().name());
      entry.put("got", finding.got());
      entry.put("want", finding.want());
      entry.put("next", finding.next());
      findings.add(entry);
    }
    document.put("findings", findings);
    document.put("notes", report.notes());
    return document;
  }
}
