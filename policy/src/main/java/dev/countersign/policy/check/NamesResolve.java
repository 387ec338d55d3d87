package dev.countersign.policy.check;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.config.Names;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.Resolution;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Each DNS name resolves, to addresses that the request asks for or that are on record as the
 * Node's. What the Node's status lists counts for nothing: its kubelet writes that. Besides one
 * such address a name may have addresses of further interfaces, in ranges of the policy file, as
 * long as no other Node has them.
 */
final class NamesResolve implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    if (config.names().resolution() == Names.Resolution.OFF || inspection.names().isEmpty()) {
      return Set.of();
    }
    return config.ownership().enforced()
        ? EnumSet.of(FactKind.NODE, FactKind.HOLDINGS, FactKind.RESOLUTION)
        : EnumSet.of(FactKind.RESOLUTION);
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    if (!(facts.resolution() instanceof Fact.Known<Map<DnsName, Resolution>>(var resolution))) {
      return;
    }
    Set<IpAddress> asked = new HashSet<>();
    inspection.addresses().forEach(address -> asked.add(address.address()));
    Optional<NodeFact> node = RequestingNode.of(inspection, facts);
    Map<NameOrAddress, AddressOwnership> holdings =
        config.ownership().enforced()
                && facts.holdings()
                    instanceof Fact.Known<Map<NameOrAddress, AddressOwnership>>(var known)
            ? known
            : Map.of();
    Predicate<IpAddress> own =
        address ->
            asked.contains(address)
                || node.filter(
                        holdings.getOrDefault(address, new AddressOwnership.Unclaimed())::isOf)
                    .isPresent();
    Predicate<IpAddress> additional =
        address ->
            config.names().additionalAddressRanges().stream()
                    .anyMatch(range -> range.contains(address))
                && holdings.getOrDefault(address, new AddressOwnership.Unclaimed())
                    instanceof AddressOwnership.Unclaimed;
    if (config.names().resolution() == Names.Resolution.EXACT && !inspection.names().isEmpty()) {
      inspectExactly(inspection, resolution, config.addresses().allowedRanges(), findings);
    }
    for (ParsedCsr.RequestedName requested : inspection.names()) {
      switch (resolution.getOrDefault(requested.name(), new Resolution.None())) {
        case Resolution.None _ ->
            findings.add(
                Reason.DNS_UNRESOLVED,
                requested.path(),
                requested.shown() + ", which does not resolve",
                "a name that resolves to the Node");
        case Resolution.Addresses(Set<IpAddress> addresses) -> {
          List<IpAddress> others =
              addresses.stream().filter(own.or(additional).negate()).sorted().toList();
          if (!others.isEmpty()) {
            elsewhere(
                requested,
                others,
                "a name that resolves only to addresses of the request or on record as the Node's",
                findings);
          } else if (addresses.stream().noneMatch(own)) {
            elsewhere(
                requested,
                addresses.stream().sorted().toList(),
                "a name that resolves to an address of the request or on record as the Node's, too",
                findings);
          }
        }
      }
    }
  }

  private static void inspectExactly(
      ParsedCsr inspection,
      Map<DnsName, Resolution> resolution,
      List<IpRange> allowed,
      ViolationCollector findings) {
    Set<IpAddress> resolved = new HashSet<>();
    for (ParsedCsr.RequestedName requested : inspection.names()) {
      if (resolution.get(requested.name()) instanceof Resolution.Addresses(var addresses)) {
        resolved.addAll(addresses);
        List<IpAddress> outside =
            addresses.stream()
                .filter(address -> allowed.stream().noneMatch(range -> range.contains(address)))
                .sorted()
                .toList();
        if (!allowed.isEmpty() && !outside.isEmpty()) {
          elsewhere(
              requested,
              outside,
              "a name that resolves only into addresses.allowedRanges (names.resolution)",
              findings);
        }
      }
    }
    for (ParsedCsr.RequestedAddress requested : inspection.addresses()) {
      if (!resolved.contains(requested.address())) {
        findings.add(
            Reason.DNS_RESOLVES_ELSEWHERE,
            requested.path(),
            "IP " + requested.address() + ", to which no name of the request resolves",
            "an address to which a name of the request resolves (names.resolution)");
      }
    }
  }

  private static void elsewhere(
      ParsedCsr.RequestedName requested,
      List<IpAddress> addresses,
      String want,
      ViolationCollector findings) {
    findings.add(
        Reason.DNS_RESOLVES_ELSEWHERE,
        requested.path(),
        requested.shown() + ", which resolves to " + addresses.stream().limit(3).toList(),
        want);
  }
}
