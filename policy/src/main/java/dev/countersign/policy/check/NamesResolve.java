package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.name.DnsName;
import dev.countersign.policy.name.IpAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Each DNS name resolves, to addresses of the request or of the Node only. */
final class NamesResolve implements ClusterCheck {
  @Override
  public Set<FactKind> needs(Inspection inspection, Facts facts, PolicyConfig config) {
    boolean asked =
        config.names().resolution() == PolicyConfig.Resolution.REQUIRED
            && !inspection.names().isEmpty();
    return asked ? Set.of(FactKind.NODE, FactKind.RESOLUTION) : Set.of();
  }

  @Override
  public void inspect(Inspection inspection, Facts facts, PolicyConfig config, Findings findings) {
    if (!(facts.resolution() instanceof Fact.Known<Map<DnsName, Resolution>>(var resolution))) {
      return;
    }
    Set<IpAddress> own = new HashSet<>();
    inspection.addresses().forEach(address -> own.add(address.address()));
    Subject.of(inspection, facts).map(NodeFact::ipAddresses).ifPresent(own::addAll);
    for (Inspection.RequestedName requested : inspection.names()) {
      switch (resolution.getOrDefault(requested.name(), new Resolution.None())) {
        case Resolution.None _ ->
            findings.add(
                Reason.DNS_UNRESOLVED,
                requested.path(),
                requested.shown() + ", which does not resolve",
                "a name that resolves to the Node");
        case Resolution.Addresses(Set<IpAddress> addresses) -> {
          List<IpAddress> others =
              addresses.stream().filter(address -> !own.contains(address)).sorted().toList();
          if (!others.isEmpty()) {
            findings.add(
                Reason.DNS_RESOLVES_ELSEWHERE,
                requested.path(),
                requested.shown() + ", which resolves to " + others.stream().limit(3).toList(),
                "a name that resolves to the Node only");
          }
        }
      }
    }
  }
}
