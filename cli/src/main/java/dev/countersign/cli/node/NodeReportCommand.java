package dev.countersign.cli.node;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.JoinRecordsOption;
import dev.countersign.cli.cluster.PolicyOption;
import dev.countersign.cli.cluster.RecordsNamespace;
import dev.countersign.cli.csr.PendingReasons;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cluster.address.AddressRecord;
import dev.countersign.cluster.connect.ApiFailure;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.csr.RequestState;
import dev.countersign.cluster.doctor.ClusterSnapshot;
import dev.countersign.cluster.doctor.Diagnosis;
import dev.countersign.cluster.doctor.DiagnosticsCollector;
import dev.countersign.cluster.doctor.DiagnosticsCollector.Probe;
import dev.countersign.cluster.report.ClusterPage;
import dev.countersign.cluster.report.ClusterReport;
import dev.countersign.cluster.report.HtmlPage;
import dev.countersign.common.Bytes;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.AtomicFiles;
import dev.countersign.common.file.FileMode;
import dev.countersign.common.text.SafeText;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code node report}. */
@Command(
    name = "report",
    description = {
      "Show what is known of every node's certificates: when they were issued, are renewed and"
          + " end; what node doctor and node verify find and what to do; who owns each address;"
          + " requests without a certificate by reason; tokens, never their secrets, and who used"
          + " them. Changes nothing.",
      "With --html it is written as one page for a browser, which needs no server and loads nothing"
          + " from elsewhere. Exits with status 1 if it may not list Nodes or requests."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign node report",
      "  countersign node report --html report.html",
      "  countersign node report --dial=false -o json",
    })
public final class NodeReportCommand extends ClusterCommand {
  private final Console console;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write the page to this file, replacing it; - for standard output.")
  private @Nullable Path html;

  @Option(
      names = "--dial",
      arity = "0..1",
      paramLabel = "true|false",
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Dial kubelets from here for the certificates that they serve; needs a route to the"
              + " nodes. Without it only those issued in the last hour are known. Default:"
              + " ${DEFAULT-VALUE}.")
  private boolean dial = true;

  @Mixin private PolicyOption policy = new PolicyOption();

  @Mixin private JoinRecordsOption join = new JoinRecordsOption();

  @Mixin private VerifierOptions verifierOptions = new VerifierOptions();

  @Mixin private FormatOption format = new FormatOption();

  NodeReportCommand(Console console) {
    this.console = console;
  }

  @Override
  protected boolean takesNamespace() {
    return true;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException, IOException {
    boolean toOutput = html != null && html.toString().equals("-");
    if (toOutput && !format.isTable()) {
      throw CliException.usage(
          "--html: got - with -o " + format.format() + "; want one result on standard output");
    }
    ClusterReport report = look(cluster);
    if (html != null) {
      write(report, html, toOutput);
    }
    if (!format.isTable()) {
      Document.print(console, format.format(), ReportDocument.of(report));
    } else if (!toOutput) {
      ReportSummary.print(console, report);
    }
    report
        .notLookedAt()
        .forEach(what -> console.err().println("not checked: " + SafeText.line(what)));
    return report.snapshot().complete() ? ExitStatus.OK : ExitStatus.INTERNAL;
  }

  private void write(ClusterReport report, Path file, boolean toOutput) throws IOException {
    String page = HtmlPage.of(ClusterPage.of(report));
    if (toOutput) {
      console.out().print(page);
      console.out().flush();
    } else {
      AtomicFiles.write(file, Bytes.ofUtf8(page), FileMode.PUBLIC);
      console.err().println("wrote " + SafeText.line(file.toString()));
    }
  }

  private ClusterReport look(ClusterAccess cluster) throws CliException, IOException {
    Set<Probe> probes = EnumSet.of(Probe.METRICS);
    if (dial) {
      probes.add(Probe.DIAL);
    }
    ClusterSnapshot snapshot =
        new DiagnosticsCollector(
                cluster.client(),
                join.tokens(cluster),
                verifierOptions.verifier(cluster),
                InstantSource.system(),
                join.namespace(),
                Optional.empty())
            .look(List.of(), probes);
    List<String> notLookedAt = new ArrayList<>(snapshot.blanks());
    return new ClusterReport(
        cluster.server().toString(),
        snapshot,
        Diagnosis.of(snapshot),
        addresses(cluster, notLookedAt),
        against(cluster, snapshot, notLookedAt),
        notLookedAt);
  }

  private Optional<List<AddressRecord>> addresses(ClusterAccess cluster, List<String> notLookedAt)
      throws CliException {
    try {
      return Optional.of(RecordsNamespace.records(cluster, namespace()).list());
    } catch (KubernetesClientException e) {
      notLookedAt.add("records of addresses: " + ApiFailure.explain(e));
    } catch (IllegalStateException e) {
      notLookedAt.add("records of addresses: " + e.getMessage());
    }
    return Optional.empty();
  }

  /** Judging takes more facts, which are read only where a request waits for its decision. */
  private Map<String, String> against(
      ClusterAccess cluster, ClusterSnapshot snapshot, List<String> notLookedAt) {
    if (snapshot.requests().stream()
        .noneMatch(request -> request.state() == RequestState.PENDING)) {
      return Map.of();
    }
    try {
      return PendingReasons.of(cluster, namespace(), policy, console);
    } catch (KubernetesClientException e) {
      notLookedAt.add("reasons of pending requests: " + ApiFailure.explain(e));
    } catch (CliException e) {
      notLookedAt.add("reasons of pending requests: " + e.getMessage());
    }
    return Map.of();
  }
}
