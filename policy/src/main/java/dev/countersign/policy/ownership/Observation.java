package dev.countersign.policy.ownership;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.name.Claimable;
import dev.countersign.policy.name.DnsName;
import dev.countersign.policy.name.IpAddress;
import dev.countersign.policy.name.NodeName;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What is seen of one name or address at one moment.
 *
 * @param claimants the Nodes whose status names it now
 * @param namesake the Node that is called so, if the name is a Node's name
 * @param others names of further Nodes that exist; only the holder's matters
 * @param recordable whether it may go to one of them: not while it is the cluster's own, but for
 *     the Node that held it before a user or a kubelet said so
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

  /**
   * What is to be seen of a name or address that is the cluster's own or not (ADR 20, rule 6). What
   * Services and Pods have goes to no Node, the API server's goes to Nodes of the control plane
   * only, and an external address of a Service goes to a Node only if the policy lets it. While it
   * is not known what is the cluster's own, nothing goes to anyone.
   *
   * @param naming the Nodes that claim it now ({@link NodeClaims})
   * @param nodes finds a Node that exists
   * @param known what is the cluster's own
   * @param entry what is on record of it
   * @param at when, by the clock of the observer
   */
  public static Observation of(
      Claimable claim,
      Collection<NodeFact> naming,
      Function<NodeName, Optional<NodeFact>> nodes,
      Fact<ProtectedSpace> known,
      Entry entry,
      PolicyConfig.Guard guard,
      Instant at) {
    Admission admission =
        switch (known) {
          case Fact.Known<ProtectedSpace>(ProtectedSpace space) -> admission(claim, space, guard);
          case Fact.Unknown<ProtectedSpace> _ -> Admission.NOBODY;
        };
    boolean recordable =
        switch (admission) {
          case ANYBODY, CONTROL_PLANE -> true;
          case HOLDER -> naming.stream().map(NodeFact::name).anyMatch(entry::wasHeldBy);
          case HOLDER_OR_NAMESAKE ->
              naming.stream()
                  .map(NodeFact::name)
                  .anyMatch(node -> entry.wasHeldBy(node) || isNamesake(node, claim));
          case NOBODY -> false;
        };
    Set<Claimant> claimants = new HashSet<>();
    for (NodeFact node : naming) {
      boolean admitted =
          switch (admission) {
            case CONTROL_PLANE -> guard.isControlPlane(node);
            case HOLDER_OR_NAMESAKE ->
                entry.wasHeldBy(node.name()) || isNamesake(node.name(), claim);
            case ANYBODY, HOLDER, NOBODY -> true;
          };
      if (admitted) {
        claimants.add(Claimant.of(node));
      }
    }
    Optional<Claimant> namesake =
        claim instanceof DnsName name
            ? NodeName.parse(name.text()).flatMap(nodes).map(Claimant::of)
            : Optional.empty();
    Set<NodeName> others =
        entry.state() instanceof Entry.State.Held held
                && nodes.apply(held.holder().node()).isPresent()
            ? Set.of(held.holder().node())
            : Set.of();
    return new Observation(claimants, namesake, others, recordable, at);
  }

  private static boolean isNamesake(NodeName node, Claimable claim) {
    return claim instanceof DnsName name && node.isLabel(name);
  }

  /** Which Nodes can get something on record that they did not hold before. */
  private enum Admission {
    ANYBODY,
    CONTROL_PLANE,
    /** The one that holds it, or held it last. */
    HOLDER,
    /** The same, or the Node that is called so; nobody else even waits. */
    HOLDER_OR_NAMESAKE,
    NOBODY
  }

  private static Admission admission(
      Claimable claim, ProtectedSpace space, PolicyConfig.Guard guard) {
    Optional<ProtectedSpace.Source> source =
        switch (claim) {
          case DnsName name -> space.protecting(name);
          case IpAddress address -> space.protecting(address, guard.cidrs()::believes);
        };
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
