package dev.countersign.cli.node;

import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.cluster.DryRunOption;
import dev.countersign.cli.terminal.Changes;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.node.Drain;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import java.time.InstantSource;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code node uncordon}. */
@Command(
    name = "uncordon",
    description = "Let pods be scheduled on nodes again, as kubectl uncordon does.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign node uncordon worker-1"})
public final class NodeUncordon extends ClusterCommand {
  private final Console console;

  @CompletedBy(CompletionKind.NODE)
  @Parameters(paramLabel = "NAME", arity = "1..*", description = "Nodes to uncordon.")
  private List<String> names = List.of();

  @Mixin private DryRunOption dryRun = new DryRunOption();

  @Mixin private FormatOption format = new FormatOption();

  NodeUncordon(Console console) {
    this.console = console;
  }

  @Override
  protected ExitStatus run(ClusterAccess cluster) throws CliException {
    Drain nodes = new Drain(cluster.client(), InstantSource.system(), _ -> {});
    NodeNames.check(nodes, names, "");
    boolean changes = !dryRun.wanted();
    try (Changes told = new Changes(console, format, dryRun.note())) {
      for (String name : names) {
        boolean already = !nodes.isCordoned(name);
        if (changes && !already) {
          nodes.cordon(name, false);
        }
        told.add("node", name, already ? "already uncordoned" : "uncordoned", "");
      }
    }
    return ExitStatus.OK;
  }
}
