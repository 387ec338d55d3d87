package dev.countersign.cli.node;

import dev.countersign.cli.cluster.DryRunOption;
import dev.countersign.cli.terminal.Changes;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.node.Drain;
import dev.countersign.cluster.node.DrainOptions;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.SafeText;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Draining one node and telling how it went. */
final class Draining {
  private Draining() {}

  /**
   * Looks at everything that was named before anything is changed.
   *
   * @param hint what else to do about a Node that is not there; may be empty
   */
  static void check(ClusterAccess cluster, List<String> names, DrainOptions options, String hint)
      throws CliException {
    Drain drain = new Drain(cluster.client(), InstantSource.system(), _ -> {});
    Optional<String> problem = drain.problemOfSelector(options);
    if (problem.isPresent()) {
      throw CliException.usage(
          "--pod-selector: got \""
              + options.podSelector().orElse("")
              + "\" ("
              + problem.get()
              + "); want labels such as app=web,tier!=db; nothing was changed");
    }
    NodeNames.check(drain, names, hint);
  }

  /** Drains; fails where anything is left that should not be. */
  static void drain(
      Console console,
      Changes changes,
      ClusterAccess cluster,
      String name,
      DrainOptions options,
      DryRunOption dryRun)
      throws CliException {
    Drain drain =
        new Drain(
            cluster.client(),
            InstantSource.system(),
            line -> console.err().println(SafeText.line(line) + dryRun.note()));
    switch (dryRun.wanted() ? drain.plan(name, options) : drain.drain(name, options)) {
      case Drain.Result.NoSuchNode(String missing) -> throw NodeNames.missing(missing, "");
      case Drain.Result.Blocked(List<String> pods) ->
          throw new CliException(
              ExitStatus.REFUSED,
              "node "
                  + name
                  + " is cordoned, nothing was evicted"
                  + dryRun.note()
                  + "; these pods need a decision:\n  "
                  + String.join("\n  ", pods));
      case Drain.Result.Incomplete(List<String> problems) ->
          throw new CliException(
              ExitStatus.REFUSED,
              "node "
                  + name
                  + " is cordoned, but not drained:\n  "
                  + String.join("\n  ", problems));
      case Drain.Result.Drained(int evicted, List<String> staying) -> {
        staying.forEach(
            pod -> console.err().println("stays: " + SafeText.line(pod) + dryRun.note()));
        changes.add("node", name, "drained", ", " + evicted + " pods evicted");
      }
    }
  }
}
