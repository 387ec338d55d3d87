package dev.countersign.cli.node;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.cluster.DryRunOption;
import dev.countersign.cli.terminal.Changes;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code node drain}. */
@Command(
    name = "drain",
    description = {
      "Cordon nodes and evict their pods, as kubectl drain does: PodDisruptionBudgets hold, and"
          + " what would be lost needs a flag. Exits with status 3 if pods are left."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  countersign node drain worker-1 --ignore-daemonsets --timeout 5m",
    })
public final class NodeDrain extends ClusterCommand {
  private final Console console;

  @CompletedBy(CompletionKind.NODE)
  @Parameters(paramLabel = "NAME", arity = "1..*", description = "Nodes to drain, in this order.")
  private List<String> names = List.of();

  @Mixin private DrainFlags flags = new DrainFlags();

  @Mixin private DryRunOption dryRun = new DryRunOption();

  @Mixin private FormatOption format = new FormatOption();

  NodeDrain(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException {
    dryRun.wanted();
    Draining.check(cluster, names, flags.options(), "");
    try (Changes changes = new Changes(console, format, dryRun.note())) {
      for (String name : names) {
        Draining.drain(console, changes, cluster, name, flags.options(), dryRun);
      }
    }
    return ExitStatus.OK;
  }
}
