package dev.countersign.policy.check;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.policy.config.Addresses;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import java.util.Set;

/**
 * No address is link-local, but those that the policy names. Some providers report such addresses
 * of a Node; the same address is another host's on another link, and a metadata service's on most
 * clouds. A request is not denied for it: the policy may come to name it.
 */
final class LinkLocalIsAllowed implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return inspection.addresses().stream()
            .map(ParsedCsr.RequestedAddress::address)
            .anyMatch(LinkLocalIsAllowed::isLinkLocal)
        ? Set.of(FactKind.NODE)
        : Set.of();
  }

  private static boolean isLinkLocal(IpAddress address) {
    return Addresses.isLinkLocal(IpRange.of(address));
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    for (ParsedCsr.RequestedAddress requested : inspection.addresses()) {
      IpAddress address = requested.address();
      if (isLinkLocal(address)
          && config.addresses().specialRanges().stream()
              .noneMatch(range -> range.contains(address))) {
        findings.add(
            Reason.IP_LINK_LOCAL,
            requested.path(),
            "IP " + address + ", which is link-local",
            "an address in addresses.specialRanges of the policy file");
      }
    }
  }
}
