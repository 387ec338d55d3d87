package dev.countersign.policy.check;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeFact;
import java.util.Optional;
import java.util.Set;

/**
 * Each name is a Hostname, InternalDNS or ExternalDNS of the Node, each address an InternalIP,
 * ExternalIP or a Hostname that is an address. Necessary, never sufficient: the kubelet writes
 * these itself. An inventory may stand in for them where the policy file says so.
 */
final class SansBelongToNode implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return replaced(config) ? Set.of(FactKind.NODE, FactKind.INVENTORY) : Set.of(FactKind.NODE);
  }

  private static boolean replaced(PolicyConfig config) {
    return config.inventory().filter(Inventory::replacesNodeStatus).isPresent();
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    Optional<NodeFact> node = RequestingNode.of(inspection, facts);
    if (node.isEmpty()) {
      return;
    }
    Set<DnsName> names = node.get().dnsNames();
    Set<IpAddress> addresses = node.get().ipAddresses();
    Optional<Inventories> inventories =
        replaced(config) ? Inventories.of(config, facts) : Optional.empty();
    for (RequestedSan claim : inspection.claims()) {
      boolean own = owns(claim.claim(), names, addresses);
      if (!own && inventories.filter(i -> i.allow(claim.claim())).isEmpty()) {
        findings.add(
            Reason.SAN_NOT_NODE_ADDRESS,
            claim.path(),
            claim.shown(),
            "one of the Node's addresses: " + shown(claim.claim(), names, addresses));
      }
    }
  }

  private static boolean owns(NameOrAddress claim, Set<DnsName> names, Set<IpAddress> addresses) {
    return switch (claim) {
      case DnsName name -> names.contains(name);
      case IpAddress address -> addresses.contains(address);
    };
  }

  private static String shown(NameOrAddress claim, Set<DnsName> names, Set<IpAddress> addresses) {
    return switch (claim) {
      case DnsName _ -> names.stream().sorted().limit(5).toList().toString();
      case IpAddress _ -> addresses.stream().sorted().limit(5).toList().toString();
    };
  }
}
