package dev.countersign.policy.ownership;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.Ownership;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What is seen of one name or address at one moment.
 *
 * @param claimants the Nodes that claim it now, the oldest Node first: those whose status names it,
 *     and the Node that is called so
 * @param namesake the Node that is called so, where every other claimant is younger. Its claim is
 *     as old as the Node, so nobody's came before it
 * @param recordable whether it may go to one of them: not while it is the cluster's own, but for
 *     the Node that owned it before a user or a kubelet said so
 * @param at when, by the clock of the observer
 */
public record Observation(
    List<ReportingNode> claimants,
    Optional<ReportingNode> namesake,
    boolean recordable,
    Instant at) {

  public Observation {
    claimants = List.copyOf(claimants);
    Objects.requireNonNull(namesake, "namesake");
    Objects.requireNonNull(at, "at");
  }

  /**
   * What is to be seen of a name or address that is the cluster's own or not (ADR 20, rule 6). What
   * Services and Pods have goes to no Node, the API server's goes to Nodes of the control plane
   * only, and an external address of a Service goes to a Node only if the policy lets it. While it
   * is not known what is the cluster's own, nothing goes to anyone. A name that has the form of
   * another Node's goes to no Node on its own word ({@link ReportedAddresses#isSibling}).
   *
   * @param naming the Nodes whose status names it now ({@link ReportedAddresses})
   * @param nodes finds a Node that exists
   * @param known what is the cluster's own
   * @param entry what is on record of it
   * @param at when, by the clock of the observer
   */
  public static Observation of(
      NameOrAddress claim,
      Collection<NodeFact> naming,
      Function<NodeName, Optional<NodeFact>> nodes,
      Fact<ProtectedSpace> known,
      OwnershipRecord entry,
      PolicyConfig config,
      Instant at) {
    Admission admission =
        switch (known) {
          case Fact.Known<ProtectedSpace>(ProtectedSpace space) ->
              admission(claim, space, config.guard());
          case Fact.Unknown<ProtectedSpace> _ -> Admission.NOBODY;
        };
    Optional<NodeFact> called =
        claim instanceof DnsName name
            ? NodeName.parse(name.text()).flatMap(nodes)
            : Optional.empty();
    Map<NodeName, NodeFact> claimants = new HashMap<>();
    called.ifPresent(node -> claimants.put(node.name(), node));
    for (NodeFact node : naming) {
      if (mayHave(node, claim, entry, config.ownership())) {
        claimants.put(node.name(), node);
      }
    }
    boolean recordable =
        switch (admission) {
          case ANYBODY, CONTROL_PLANE -> true;
          case HOLDER -> claimants.keySet().stream().anyMatch(entry::wasHeldBy);
          case HOLDER_OR_NAMESAKE ->
              claimants.keySet().stream()
                  .anyMatch(node -> entry.wasHeldBy(node) || isNamesake(node, claim));
          case NOBODY -> false;
        };
    List<NodeFact> oldestFirst =
        claimants.values().stream()
            .filter(
                node ->
                    switch (admission) {
                      case CONTROL_PLANE -> config.guard().isControlPlane(node);
                      case HOLDER_OR_NAMESAKE ->
                          entry.wasHeldBy(node.name()) || isNamesake(node.name(), claim);
                      case ANYBODY, HOLDER, NOBODY -> true;
                    })
            .sorted(Comparator.comparing(NodeFact::created).thenComparing(NodeFact::name))
            .toList();
    Optional<ReportingNode> namesake =
        called.filter(node -> isOldest(node, oldestFirst)).map(ReportingNode::of);
    return new Observation(
        oldestFirst.stream().map(ReportingNode::of).toList(), namesake, recordable, at);
  }

  private static boolean mayHave(
      NodeFact node, NameOrAddress claim, OwnershipRecord entry, Ownership ownership) {
    return ownership.siblingNames() == Ownership.SiblingNames.FIRST_CLAIM
        || !(claim instanceof DnsName name)
        || !ReportedAddresses.isSibling(node.name(), name)
        || entry.wasHeldBy(node.name());
  }

  /** Creation times are whole seconds, so that of the same second either may be the older. */
  private static boolean isOldest(NodeFact node, List<NodeFact> oldestFirst) {
    return oldestFirst.contains(node)
        && oldestFirst.stream()
            .allMatch(other -> other.equals(node) || node.created().isBefore(other.created()));
  }

  private static boolean isNamesake(NodeName node, NameOrAddress claim) {
    return claim instanceof DnsName name && node.isLabel(name);
  }

  /** Which Nodes can get something on record that they did not hold before. */
  private enum Admission {
    ANYBODY,
    CONTROL_PLANE,
    /** The one that owns it, or owned it last. */
    HOLDER,
    /** The same, or the Node that is called so; nobody else even waits. */
    HOLDER_OR_NAMESAKE,
    NOBODY
  }

  private static Admission admission(NameOrAddress claim, ProtectedSpace space, Guard guard) {
    Optional<ProtectedSpace.Source> source = space.protecting(claim, guard.cidrs()::believes);
    if (source.isEmpty()) {
      return Admission.ANYBODY;
    }
    return switch (source.get().kind()) {
      case API_SERVER -> Admission.CONTROL_PLANE;
      case SERVICE_EXTERNAL ->
          guard.serviceExternalAddresses() ? Admission.HOLDER : Admission.ANYBODY;
      case POD_RANGE -> Admission.HOLDER;
      case SERVICE_SHORT_NAME -> Admission.HOLDER_OR_NAMESAKE;
      case SERVICE_ADDRESS, SERVICE_RANGE, SERVICE_NAME, CLUSTER_DOMAIN -> Admission.NOBODY;
    };
  }

  /** Without some of those who claim it. */
  Observation without(Set<NodeName> nodes) {
    return nodes.isEmpty()
        ? this
        : new Observation(
            claimants.stream().filter(claimant -> !nodes.contains(claimant.node())).toList(),
            namesake.filter(claimant -> !nodes.contains(claimant.node())),
            recordable,
            at);
  }
}
