package dev.countersign.cli.node;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.terminal.Changes;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.node.Drain;
import dev.countersign.cluster.node.DrainOptions;
import java.time.InstantSource;
import java.util.List;

/** Draining one node and telling how it went. */
final class Draining {
  private Draining() {}

  /** Drains; fails where anything is left that should not be. */
  static void drain(
      Console console, Changes changes, ClusterAccess cluster, String name, DrainOptions options)
      throws CommandFailure {
    Drain drain =
        new Drain(
            cluster.client(),
            InstantSource.system(),
            line -> console.err().println(Console.printable(line)));
    switch (drain.drain(name, options)) {
      case Drain.Result.NoSuchNode(String missing) ->
          throw CommandFailure.usage("NAME: got " + missing + "; want the name of a Node");
      case Drain.Result.Blocked(List<String> pods) ->
          throw new CommandFailure(
              ExitStatus.REFUSED,
              "node "
                  + name
                  + " is cordoned, nothing was evicted; these pods need a decision:\n  "
                  + String.join("\n  ", pods));
      case Drain.Result.Incomplete(List<String> problems) ->
          throw new CommandFailure(
              ExitStatus.REFUSED,
              "node "
                  + name
                  + " is cordoned, but not drained:\n  "
                  + String.join("\n  ", problems));
      case Drain.Result.Drained(int evicted, List<String> staying) -> {
        staying.forEach(pod -> console.err().println("stays: " + Console.printable(pod)));
        changes.add("node", name, "drained", ", " + evicted + " pods evicted");
      }
    }
  }
}
