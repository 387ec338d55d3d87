package dev.countersign.policy.fact;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NameOrAddress;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A snapshot of what is known about the cluster for one request. Immutable; start from {@link
 * #none()} and add what was looked up.
 *
 * @param node the Node named by the request, or that there is none
 * @param protectedSpace names and addresses that are the cluster's own
 * @param holdings who owns each name and address the request asks for; a missing key counts as
 *     {@link AddressOwnership.Unclaimed}
 * @param newerPending how many undecided requests of the same requestor are newer than this one
 * @param inventory what each inventory source of the policy file says about the Node, by the
 *     source's name
 * @param access the answer to the SubjectAccessReview
 * @param resolution what each DNS name of the request resolves to
 * @param served the certificate the Node serves now, or that none verifiable is served
 * @param join what only requests for client certificates are evaluated with
 */
public record Facts(
    Fact<Optional<NodeFact>> node,
    Fact<ProtectedSpace> protectedSpace,
    Fact<Map<NameOrAddress, AddressOwnership>> holdings,
    Fact<Integer> newerPending,
    Map<String, Fact<Optional<InventoryEntry>>> inventory,
    Fact<AccessReview> access,
    Fact<Map<DnsName, Resolution>> resolution,
    Fact<Optional<ServedCertificate>> served,
    JoinFacts join) {

  private static final Facts NONE =
      new Facts(
          Fact.notLookedUp(),
          Fact.notLookedUp(),
          Fact.notLookedUp(),
          Fact.notLookedUp(),
          Map.of(),
          Fact.notLookedUp(),
          Fact.notLookedUp(),
          Fact.notLookedUp(),
          JoinFacts.none(Instant.EPOCH));

  public Facts {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(protectedSpace, "protectedSpace");
    Objects.requireNonNull(holdings, "holdings");
    Objects.requireNonNull(newerPending, "newerPending");
    inventory = Map.copyOf(inventory);
    Objects.requireNonNull(access, "access");
    Objects.requireNonNull(resolution, "resolution");
    Objects.requireNonNull(served, "served");
    Objects.requireNonNull(join, "join");
  }

  /** Nothing is known. */
  public static Facts none() {
    return NONE;
  }

  /** The fact of that kind; of an inventory the answers of its sources, whatever they are. */
  public Fact<?> fact(FactKind kind) {
    return switch (kind) {
      case NODE -> node;
      case PROTECTED -> protectedSpace;
      case HOLDINGS -> holdings;
      case PENDING -> newerPending;
      case INVENTORY -> inventory.isEmpty() ? Fact.notLookedUp() : Fact.known(inventory);
      case ACCESS -> access;
      case RESOLUTION -> resolution;
      case SERVED -> served;
      case GRANT -> join.grant();
      case CLAIM -> join.claim();
      case PRESENCE -> join.presence();
      case LISTED -> join.listed();
      case ATTESTATION -> join.attestation();
      case MACHINES -> join.machines();
    };
  }

  /** Whether it was asked for, with an answer or in vain. */
  public boolean isLookedUp(FactKind kind) {
    return !fact(kind).equals(Fact.notLookedUp());
  }

  /** With the requesting Node. */
  public Facts withNode(Fact<Optional<NodeFact>> value) {
    return new Facts(
        value, protectedSpace, holdings, newerPending, inventory, access, resolution, served, join);
  }

  /** With the cluster's own names and addresses. */
  public Facts withProtectedSpace(Fact<ProtectedSpace> value) {
    return new Facts(
        node, value, holdings, newerPending, inventory, access, resolution, served, join);
  }

  /** With the holders of the requested names and addresses. */
  public Facts withHoldings(Fact<Map<NameOrAddress, AddressOwnership>> value) {
    return new Facts(
        node, protectedSpace, value, newerPending, inventory, access, resolution, served, join);
  }

  /** With the number of newer undecided requests. */
  public Facts withNewerPending(Fact<Integer> value) {
    return new Facts(
        node, protectedSpace, holdings, value, inventory, access, resolution, served, join);
  }

  /** With the answers of the inventory sources. */
  public Facts withInventory(Map<String, Fact<Optional<InventoryEntry>>> value) {
    return new Facts(
        node, protectedSpace, holdings, newerPending, value, access, resolution, served, join);
  }

  /** With the answer to the SubjectAccessReview. */
  public Facts withAccess(Fact<AccessReview> value) {
    return new Facts(
        node, protectedSpace, holdings, newerPending, inventory, value, resolution, served, join);
  }

  /** With forward DNS. */
  public Facts withResolution(Fact<Map<DnsName, Resolution>> value) {
    return new Facts(
        node, protectedSpace, holdings, newerPending, inventory, access, value, served, join);
  }

  /** With the certificate served now. */
  public Facts withServed(Fact<Optional<ServedCertificate>> value) {
    return new Facts(
        node, protectedSpace, holdings, newerPending, inventory, access, resolution, value, join);
  }

  /** With what only requests for client certificates are evaluated with. */
  public Facts withJoin(JoinFacts value) {
    return new Facts(
        node, protectedSpace, holdings, newerPending, inventory, access, resolution, served, value);
  }
}
