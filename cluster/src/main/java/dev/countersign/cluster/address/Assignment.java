package dev.countersign.cluster.address;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.check.NamesAreNotReserved;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.ReportingNode;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether an operator can give a name or address to a Node, by what the approver would make of it.
 */
public sealed interface Assignment {
  /** It lasts, and the Node gets a certificate for it. */
  record Lasting() implements Assignment {}

  /**
   * It lasts only if something else happens soon.
   *
   * @param condition what, as a sentence
   */
  record Provisional(String condition) implements Assignment {
    public Provisional {
      Objects.requireNonNull(condition, "condition");
    }
  }

  /**
   * It would do nothing: the approver takes it back, or denies or defers the requests all the same.
   *
   * @param got what stands in the way
   * @param next the way that works
   */
  record Futile(String got, String next) implements Assignment {
    public Futile {
      Objects.requireNonNull(got, "got");
      Objects.requireNonNull(next, "next");
    }
  }

  /**
   * Looks at one.
   *
   * @param address what is given
   * @param owner to whom
   * @param objects of the cluster
   * @param config the policy in force
   * @param at now
   */
  static Assignment of(
      NameOrAddress address,
      NodeFact owner,
      ClusterObjects objects,
      PolicyConfig config,
      Instant at) {
    Optional<Assignment> protectedByPolicy = protectedByPolicy(address, config.guard());
    if (protectedByPolicy.isPresent()) {
      return protectedByPolicy.get();
    }
    Optional<ProtectedSpace.Source> source =
        objects.space().protecting(address, config.guard().cidrs()::believes);
    Optional<Assignment> clusters =
        source.flatMap(found -> ofTheCluster(address, owner, found, config.guard()));
    return clusters.orElseGet(() -> observed(address, owner, objects, config, at));
  }

  private static Optional<Assignment> protectedByPolicy(NameOrAddress address, Guard guard) {
    Optional<String> reserved =
        address instanceof DnsName name
            ? NamesAreNotReserved.reserved(name, guard)
            : Optional.empty();
    if (reserved.isPresent()) {
      return Optional.of(
          new Futile(
              address.key() + ", a name " + reserved.get(),
              "give the Node a name outside of cluster DNS"));
    }
    return guard
        .protecting(address)
        .map(
            found ->
                new Futile(
                    address.key() + ", which the policy protects",
                    "take " + found.entry() + " out of " + found.field() + " first"));
  }

  private static Optional<Assignment> ofTheCluster(
      NameOrAddress address, NodeFact owner, ProtectedSpace.Source source, Guard guard) {
    String got = address.key() + ", which belongs to " + source.detail();
    return switch (source.kind()) {
      case API_SERVER ->
          guard.isControlPlane(owner)
              ? Optional.empty()
              : Optional.of(
                  new Futile(
                      got
                          + ", the API server's, and Node "
                          + owner.name()
                          + " is no control plane"
                          + " Node",
                      "where it is one, write it into protected.controlPlaneNodes of the policy, or"
                          + " label it node-role.kubernetes.io/control-plane; then no assignment is"
                          + " needed"));
      case SERVICE_ADDRESS ->
          Optional.of(
              new Futile(
                  got,
                  "give the Node another address; or delete the Service, where it took the"
                      + " Node's"));
      case SERVICE_RANGE ->
          Optional.of(new Futile(got, "give the Node an address outside of the Services' range"));
      case SERVICE_NAME, CLUSTER_DOMAIN ->
          Optional.of(new Futile(got, "give the Node a name outside of cluster DNS"));
      // what its owner keeps
      case SERVICE_EXTERNAL, SERVICE_SHORT_NAME, POD_RANGE -> Optional.empty();
    };
  }

  private static Assignment observed(
      NameOrAddress address,
      NodeFact owner,
      ClusterObjects objects,
      PolicyConfig config,
      Instant at) {
    ReportingNode claimant = ReportingNode.of(owner);
    OwnershipRecord after =
        objects.observed(address, OwnershipRecord.nothing().settle(claimant, at), config, at);
    if (after.state() instanceof OwnershipRecord.State.Held held) {
      return held.holder().equals(claimant)
          ? new Lasting()
          : new Futile(
              address.key()
                  + ", which Node "
                  + held.holder().node()
                  + " claims, and Node "
                  + owner.name()
                  + " does not report",
              "have Node " + owner.name() + " report it in its status first");
    }
    return new Provisional(
        "Node "
            + owner.name()
            + " does not report "
            + address.key()
            + " in its status: the record ends within "
            + config.ownership().reclaim().toSeconds()
            + " s unless it does");
  }
}
