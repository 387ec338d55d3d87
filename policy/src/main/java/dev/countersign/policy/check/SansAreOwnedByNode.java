package dev.countersign.policy.check;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.Ownership;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.policy.ownership.ReportedAddresses;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Each name and address is owned by the requesting Node: it claimed it first, or an inventory gives
 * it exactly that name or address.
 */
final class SansAreOwnedByNode implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    if (!config.ownership().enforced()) {
      return Set.of();
    }
    EnumSet<FactKind> needs = EnumSet.of(FactKind.NODE, FactKind.HOLDINGS);
    if (config.inventory().isPresent()) {
      needs.add(FactKind.INVENTORY);
    }
    if (config.renewal().resolveContested()
        && isInventoryAsked(facts, config)
        && facts.holdings()
            instanceof Fact.Known<Map<NameOrAddress, AddressOwnership>>(var holdings)
        && isContested(inspection, holdings, facts, config)) {
      needs.add(FactKind.SERVED);
    }
    return needs;
  }

  @Override
  public Set<FactKind> settling() {
    return Set.of(FactKind.SERVED);
  }

  private static boolean isInventoryAsked(Facts facts, PolicyConfig config) {
    return config.inventory().stream()
        .flatMap(inventory -> inventory.sources().stream())
        .allMatch(source -> facts.inventory().containsKey(source.name()));
  }

  /** Whether a kubelet that is dialed can settle something that nothing else settles. */
  private static boolean isContested(
      ParsedCsr inspection,
      Map<NameOrAddress, AddressOwnership> holdings,
      Facts facts,
      PolicyConfig config) {
    Optional<Inventories> inventories = Inventories.of(config, facts);
    for (ParsedCsr.RequestedAddress requested : inspection.addresses()) {
      IpAddress address = requested.address();
      if (holdings.get(address) instanceof AddressOwnership.Contested
          && !isShared(address, config.ownership())
          && inventories.filter(i -> i.assign(address)).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    Optional<NodeFact> node = RequestingNode.of(inspection, facts);
    if (!(facts.holdings()
            instanceof Fact.Known<Map<NameOrAddress, AddressOwnership>>(var holdings))
        || node.isEmpty()) {
      return;
    }
    Optional<Inventories> inventories = Inventories.of(config, facts);
    for (RequestedSan claim : inspection.claims()) {
      boolean settled =
          isShared(claim.claim(), config.ownership())
              || inventories.filter(i -> i.assign(claim.claim())).isPresent()
              || (holdings.get(claim.claim()) instanceof AddressOwnership.Contested
                  && config.renewal().resolveContested()
                  && answersAt(claim.claim(), node.get(), facts));
      if (!settled) {
        AddressOwnership holding =
            holdings.getOrDefault(claim.claim(), new AddressOwnership.Unclaimed());
        if (holding instanceof AddressOwnership.Unclaimed
            && mustBeAssigned(claim, node.get(), config)) {
          findings.add(
              Reason.SIBLING_NAME_NOT_ASSIGNED,
              claim.path(),
              claim.shown() + ", which has the form of another Node's name",
              "a name that an operator or an inventory assigned to Node " + node.get().name());
        } else {
          inspect(claim, holding, node.get(), findings);
        }
      }
    }
  }

  private static boolean mustBeAssigned(RequestedSan claim, NodeFact node, PolicyConfig config) {
    return config.ownership().siblingNames() == Ownership.SiblingNames.ASSIGNED
        && claim.claim() instanceof DnsName name
        && ReportedAddresses.isSibling(node.name(), name);
  }

  /** A verified certificate of this Node was served at this address: the Node is there. */
  private static boolean answersAt(NameOrAddress claim, NodeFact node, Facts facts) {
    return facts.served()
            instanceof Fact.Known<Optional<ServedCertificate>>(Optional<ServedCertificate> served)
        && served
            .filter(found -> found.node().equals(node.name()) && found.dialed().equals(claim))
            .isPresent();
  }

  private static boolean isShared(NameOrAddress claim, Ownership ownership) {
    return switch (claim) {
      case DnsName name -> ownership.sharedNames().contains(name);
      case IpAddress address -> {
        for (IpRange range : ownership.sharedRanges()) {
          if (range.contains(address)) {
            yield true;
          }
        }
        yield false;
      }
    };
  }

  private static void inspect(
      RequestedSan claim, AddressOwnership holding, NodeFact node, ViolationCollector findings) {
    switch (holding) {
      case AddressOwnership.Unclaimed _ -> unrecorded(claim, findings);
      case AddressOwnership.HeldBy(NodeName owner, String uid, Instant since) -> {
        if (!owner.equals(node.name())) {
          findings.add(
              Reason.ADDRESS_OWNED_BY_OTHER_NODE,
              claim.path(),
              claim.shown() + ", which Node " + owner + " owns since " + since,
              "a name or address that this Node owns");
        } else if (!uid.equals(node.uid())) {
          unrecorded(claim, findings);
        }
      }
      case AddressOwnership.Contested(List<NodeName> claimants) ->
          findings.add(
              Reason.ADDRESS_CONTESTED,
              claim.path(),
              claim.shown() + ", which Nodes " + claimants.stream().limit(4).toList() + " claim",
              "one claimant");
      case AddressOwnership.Reserved(NodeName claimant, Instant until) ->
          findings.add(
              Reason.ADDRESS_RESERVED,
              claim.path(),
              claim.shown() + ", whose former owner may return until " + until,
              "to be owned by Node " + claimant);
    }
  }

  private static void unrecorded(RequestedSan claim, ViolationCollector findings) {
    findings.add(
        Reason.ADDRESS_CLAIM_UNRECORDED,
        claim.path(),
        claim.shown() + ", whose claim is not recorded",
        "a recorded claim of this Node");
  }
}
