package dev.countersign.cli.csr;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cli.cluster.PolicyOption;
import dev.countersign.cli.printer.ListFlags;
import dev.countersign.cli.printer.ListItem;
import dev.countersign.cli.printer.ListPrinter;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.request.CsrSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
    footer = {
      "",
      "Examples:",
      "  countersign csr list",
      "  countersign csr list --all --sort-by=.metadata.creationTimestamp",
      "  countersign csr list --watch",
      "  countersign csr list -o custom-columns=NAME:.metadata.name,WHY:.reasons"
    })
public final class CsrList extends ClusterCommand {
  private final Console console;

  @Option(names = "--all", description = "List requests that are decided, too.")
  private boolean all;

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "LABELS",
      description = "List requests with these labels only, such as app=web,tier!=db.")
  private @Nullable String selector;

  @Option(
      names = {"-w", "--watch"},
      description =
          "After the list, print what is added or changes, until Ctrl-C: each change of a request"
              + " at once, other changes in the cluster within ten seconds.")
  private boolean watch;

  @Mixin private PolicyOption policy = new PolicyOption();

  @Mixin private PolicyFilesOption policyFiles = new PolicyFilesOption();

  @Mixin private JoinFactOptions join = new JoinFactOptions();

  @Mixin private ListFlags format = new ListFlags();

  CsrList(Console console) {
    this.console = console;
  }

  /** The requests, and the policy they are evaluated with. */
  private record Listed(PolicyInForce policy, List<CsrReading> readings) {}

  @Override
  protected boolean takesNamespace() {
    return true;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException {
    ListPrinter printer = new ListPrinter(console, format, CsrReading.COLUMNS);
    if (watch) {
      watch(cluster, printer);
      return ExitStatus.OK;
    }
    Listed listed = read(cluster, console);
    List<CsrReading> shown =
        listed.readings().stream().filter(reading -> all || reading.waits()).toList();
    if (format.isTable()) {
      console.err().println("evaluated by " + listed.policy().source());
    }
    if (format.isTable() && shown.isEmpty()) {
      console.err().println(all ? "no requests" : "no undecided requests");
    } else {
      printer.print(items(listed.policy(), shown));
    }
    return ExitStatus.OK;
  }

  /** Prints what changes, until interrupted; what fails after the first reading is a warning. */
  private void watch(ClusterAccess cluster, ListPrinter printer) throws CliException {
    Map<String, List<Object>> before = new HashMap<>();
    try (CsrChanges changes = CsrChanges.of(cluster)) {
      boolean first = true;
      while (changes.await()) {
        Listed listed;
        try {
          listed = readOrFail(cluster, first ? console : console.withoutWarnings());
        } catch (CliException e) {
          if (first) {
            throw e;
          }
          console.err().println("warning: " + SafeText.line(String.valueOf(e.getMessage())));
          continue;
        }
        if (first && format.isTable()) {
          console.err().println("evaluated by " + listed.policy().source());
        }
        first = false;
        printer.more(items(listed.policy(), changed(listed.readings(), before)));
      }
    }
  }

  private Listed readOrFail(ClusterAccess cluster, Console warnings) throws CliException {
    try {
      return read(cluster, warnings);
    } catch (KubernetesClientException e) {
      throw failure(cluster, e);
    }
  }

  /** Those that are new or have changed; notes the state of each. */
  private List<CsrReading> changed(List<CsrReading> readings, Map<String, List<Object>> before) {
    List<CsrReading> changed = new ArrayList<>();
    for (CsrReading reading : readings) {
      List<Object> state = before.get(reading.csr().name());
      boolean known = state != null;
      if ((known || all || reading.waits()) && !reading.state().equals(state)) {
        before.put(reading.csr().name(), reading.state());
        changed.add(reading);
      }
    }
    return changed;
  }

  private static List<ListItem> items(PolicyInForce policy, List<CsrReading> readings) {
    Instant now = InstantSource.system().instant();
    return readings.stream().map(reading -> reading.item(policy, now)).toList();
  }

  private Listed read(ClusterAccess cluster, Console warnings) throws CliException {
    LiveObjects.Requests requests =
        LiveObjects.all(cluster, namespace(), Optional.ofNullable(selector), warnings);
    PolicyInForce inForce = policy.live(cluster, namespace());
    List<CsrReading> readings = new ArrayList<>();
    try (CsrEvaluator judgement =
        CsrEvaluator.live(inForce, policyFiles, join, requests.objects(), cluster)) {
      List<CsrSpec> selected = requests.selected();
      List<Explanation> explanations = judgement.explain(selected);
      judgement.tell(warnings);
      for (int i = 0; i < selected.size(); i++) {
        CsrSpec csr = selected.get(i);
        readings.add(new CsrReading(csr, requests.labelsOf(csr), explanations.get(i)));
      }
    }
    ServerNames.of(cluster).tell(warnings);
    return new Listed(inForce, readings);
  }
}
