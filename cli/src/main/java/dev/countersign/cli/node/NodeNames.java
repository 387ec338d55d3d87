package dev.countersign.cli.node;

import dev.countersign.cluster.node.Drain;
import dev.countersign.common.command.CliException;
import java.util.List;

/** Refuses names that no Node has. */
final class NodeNames {
  private NodeNames() {}

  /**
   * Looks whether each Node is there before anything is changed.
   *
   * @param hint what else to do about one that is not; may be empty
   */
  static void check(Drain nodes, List<String> names, String hint) throws CliException {
    List<String> missing = nodes.missing(names);
    if (!missing.isEmpty()) {
      throw missing(String.join(", ", missing), hint + "; nothing was changed");
    }
  }

  /**
   * What to tell of a name that no Node has.
   *
   * @param next goes on with the sentence; may be empty
   */
  static CliException missing(String name, String next) {
    return CliException.usage("NAME: got " + name + "; want the name of a Node" + next);
  }
}
