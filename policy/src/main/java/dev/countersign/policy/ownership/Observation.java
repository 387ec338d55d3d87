package dev.countersign.policy.ownership;

import dev.countersign.policy.name.NodeName;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is seen of one name or address at one moment.
 *
 * @param claimants the Nodes whose status names it now
 * @param namesake the Node that is called so, if the name is a Node's name
 * @param others names of further Nodes that exist; only the holder's matters
 * @param recordable whether it may go to a Node at all: not while it is the cluster's own
 * @param at when, by the clock of the observer
 */
public record Observation(
    Set<Claimant> claimants,
    Optional<Claimant> namesake,
    Set<NodeName> others,
    boolean recordable,
    Instant at) {

  public Observation {
    claimants = Set.copyOf(claimants);
    Objects.requireNonNull(namesake, "namesake");
    others = Set.copyOf(others);
    Objects.requireNonNull(at, "at");
  }

  /** Claimants in a fixed order. */
  Set<Claimant> sorted() {
    return new TreeSet<>(claimants);
  }

  /** Whether a Node of that name exists. */
  boolean exists(NodeName node) {
    return others.contains(node)
        || claimants.stream().anyMatch(claimant -> claimant.node().equals(node))
        || namesake.filter(found -> found.node().equals(node)).isPresent();
  }
}
