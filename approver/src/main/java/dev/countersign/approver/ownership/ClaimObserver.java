package dev.countersign.approver.ownership;

import dev.countersign.approver.cluster.InformerCaches;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.ownership.Observation;
import dev.countersign.policy.ownership.ReportedAddresses;
import dev.countersign.policy.ownership.Shard;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Looks at who claims what now. Thread-safe. */
final class ClaimObserver {
  private final InformerCaches cluster;
  private final Supplier<PolicyConfig> config;

  ClaimObserver(InformerCaches cluster, Supplier<PolicyConfig> config) {
    this.cluster = cluster;
    this.config = config;
  }

  /**
   * What was seen.
   *
   * @param keptOut the Nodes whose claims, some of them, can go on record for nobody or not for
   *     them
   */
  record Seen(Map<NameOrAddress, Observation> observations, Set<NodeName> keptOut) {}

  /** What a Node claims now; nothing where it does not exist. */
  Set<NameOrAddress> claims(NodeName name) {
    return cluster.claims(name).map(claims -> claims.within(mostNames())).orElse(Set.of());
  }

  Set<NameOrAddress> claims(NodeFact node) {
    return ReportedAddresses.of(node).within(mostNames());
  }

  /** What a Node claimed or claims; empty where nothing changed that the record depends on. */
  Optional<Set<NameOrAddress>> changed(Optional<NodeFact> before, Optional<NodeFact> after) {
    Set<NameOrAddress> had = before.map(this::claims).orElse(Set.of());
    Set<NameOrAddress> has = after.map(this::claims).orElse(Set.of());
    Guard guard = config.get().guard();
    if (had.equals(has)
        && before.map(NodeFact::uid).equals(after.map(NodeFact::uid))
        && before.map(guard::isControlPlane).equals(after.map(guard::isControlPlane))) {
      return Optional.empty();
    }
    Set<NameOrAddress> both = new HashSet<>(had);
    both.addAll(has);
    return Optional.of(both);
  }

  private int mostNames() {
    return config.get().limits().names();
  }

  /** The Node of that name, if there is one. */
  Optional<NodeFact> existing(NodeName name) {
    return cluster.node(name) instanceof Fact.Known<Optional<NodeFact>>(Optional<NodeFact> node)
        ? node
        : Optional.empty();
  }

  /** Looks at some names and addresses, whose records are in a shard. */
  Seen look(Set<NameOrAddress> claims, Shard shard, Instant at) {
    // First who claims it, then what is the cluster's own: a range that came before a claim counts.
    Map<NameOrAddress, List<NodeFact>> claimants = claimants(claims);
    Fact<ProtectedSpace> space = cluster.protectedSpace();
    Map<NameOrAddress, Observation> observations = new HashMap<>();
    Set<NodeName> keptOut = new HashSet<>();
    for (NameOrAddress claim : claims) {
      List<NodeFact> naming = claimants.getOrDefault(claim, List.of());
      Observation seen =
          Observation.of(
              claim, naming, this::existing, space, shard.entry(claim), config.get(), at);
      observations.put(claim, seen);
      for (NodeFact node : naming) {
        boolean seenToClaim =
            seen.claimants().stream().anyMatch(claimant -> claimant.node().equals(node.name()));
        if (!seen.recordable() || !seenToClaim) {
          keptOut.add(node.name());
        }
      }
      if (!seen.recordable()) {
        seen.claimants().forEach(claimant -> keptOut.add(claimant.node()));
      }
    }
    return new Seen(observations, keptOut);
  }

  private Map<NameOrAddress, List<NodeFact>> claimants(Set<NameOrAddress> claims) {
    int most = mostNames();
    Map<NameOrAddress, List<NodeFact>> claimants = new HashMap<>();
    for (NameOrAddress claim : claims) {
      claimants.put(
          claim,
          cluster.claimants(claim).stream()
              .filter(node -> node.areWithin(most))
              .map(ReportedAddresses::node)
              .toList());
    }
    return claimants;
  }
}
