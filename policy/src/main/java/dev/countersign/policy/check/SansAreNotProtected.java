package dev.countersign.policy.check;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * No name or address belongs to the cluster itself. Two kinds have honest exceptions: the API
 * server's address is also that of the control plane Node it runs on, and an external address of a
 * Service may be a Node's own (a user with few rights can set it, so it must not lock the Node
 * out), and so may a Service's name without its namespace. Where the ranges of Services are not
 * known, an address that may be in one must be given to the Node by an inventory.
 */
final class SansAreNotProtected implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    EnumSet<FactKind> needs = EnumSet.of(FactKind.NODE, FactKind.PROTECTED);
    if (config.ownership().enforced()) {
      needs.add(FactKind.HOLDINGS);
    }
    if (config.inventory().isPresent() && serviceRangesUnknown(facts, config).isPresent()) {
      needs.add(FactKind.INVENTORY);
    }
    return needs;
  }

  /** Which addresses may be a Service's, where neither the cluster nor the policy tells. */
  private static Optional<ServiceRangesUnknown> serviceRangesUnknown(
      Facts facts, PolicyConfig config) {
    return config.guard().cidrs().services().isEmpty()
            && facts.protectedSpace() instanceof Fact.Known<ProtectedSpace>(ProtectedSpace space)
        ? space.serviceRangesUnknown()
        : Optional.empty();
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    Optional<NodeFact> node = RequestingNode.of(inspection, facts);
    if (!(facts.protectedSpace() instanceof Fact.Known<ProtectedSpace>(ProtectedSpace space))
        || node.isEmpty()) {
      return;
    }
    Optional<ServiceRangesUnknown> services = serviceRangesUnknown(facts, config);
    Optional<Inventories> inventories = services.flatMap(_ -> Inventories.of(config, facts));
    for (RequestedSan claim : inspection.claims()) {
      Optional<ProtectedSpace.Source> source =
          space.protecting(claim.claim(), config.guard().cidrs()::believes);
      if (source.isPresent()
          && !isExcepted(source.get().kind(), claim.claim(), node.get(), facts, config)) {
        findings.add(
            Reason.SAN_PROTECTED_BY_CLUSTER,
            claim.path(),
            claim.shown() + ", which belongs to " + source.get().detail(),
            "no name or address of the cluster itself");
      } else if (source.isEmpty()
          && claim.claim() instanceof IpAddress address
          && services.filter(unknown -> unknown.mayHold(address)).isPresent()
          && inventories.filter(i -> i.assign(claim.claim())).isEmpty()) {
        findings.add(
            Reason.SERVICE_RANGE_UNKNOWN,
            claim.path(),
            claim.shown() + ", which may be a Service's: " + services.get().detail(),
            "the range of Services, as protected.serviceCIDRs in the policy file");
      }
    }
  }

  private static boolean isExcepted(
      ProtectedSpace.Kind kind,
      NameOrAddress claim,
      NodeFact node,
      Facts facts,
      PolicyConfig config) {
    return switch (kind) {
      case API_SERVER -> config.guard().isControlPlane(node);
      case SERVICE_EXTERNAL ->
          !config.guard().serviceExternalAddresses() || isHolder(facts, claim, node);
      case POD_RANGE -> isHolder(facts, claim, node);
      case SERVICE_SHORT_NAME ->
          (claim instanceof DnsName name && node.name().isLabel(name))
              || isHolder(facts, claim, node);
      case SERVICE_ADDRESS, SERVICE_RANGE, SERVICE_NAME, CLUSTER_DOMAIN -> false;
    };
  }

  private static boolean isHolder(Facts facts, NameOrAddress claim, NodeFact node) {
    return facts.holdings()
            instanceof Fact.Known<Map<NameOrAddress, AddressOwnership>>(var holdings)
        && holdings.getOrDefault(claim, new AddressOwnership.Unclaimed()).isOf(node);
  }
}
