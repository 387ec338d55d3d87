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
public record Claimant(NodeName node, String uid) implements Comparable<Claimant> {
  private static final Comparator<Claimant> ORDER =
      Comparator.comparing(Claimant::node).thenComparing(Claimant::uid);

  public Claimant {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(uid, "uid");
  }

  /** The Node itself. */
  public static Claimant of(NodeFact node) {
    return new Claimant(node.name(), node.uid());
  }

  @Override
  public int compareTo(Claimant other) {
    return ORDER.compare(this, other);
  }
}
