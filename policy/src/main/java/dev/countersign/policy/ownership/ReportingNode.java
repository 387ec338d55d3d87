package dev.countersign.policy.ownership;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.NodeFact;
import java.util.Comparator;
import java.util.Objects;

/**
 * One Node object, which may claim things.
 *
 * @param node its name
 * @param uid {@code metadata.uid}; a Node created anew under the same name has another one
 */
public record ReportingNode(NodeName node, String uid) implements Comparable<ReportingNode> {
  private static final Comparator<ReportingNode> ORDER =
      Comparator.comparing(ReportingNode::node).thenComparing(ReportingNode::uid);

  public ReportingNode {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(uid, "uid");
  }

  /** The Node itself. */
  public static ReportingNode of(NodeFact node) {
    return new ReportingNode(node.name(), node.uid());
  }

  @Override
  public int compareTo(ReportingNode other) {
    return ORDER.compare(this, other);
  }
}
