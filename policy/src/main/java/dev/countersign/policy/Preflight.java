package dev.countersign.policy;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.check.ParsedCsr;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.Resolution;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What the request alone decides. */
public sealed interface Preflight {

  /**
   * No fact can change it.
   *
   * @param decision not a {@link Decision.Approve}
   */
  record Settled(Decision decision) implements Preflight {
    public Settled {
      Objects.requireNonNull(decision, "decision");
    }
  }

  /**
   * Nothing is wrong in the request itself; facts about the cluster decide.
   *
   * @param inspection the request taken apart
   * @param node the Node it names
   */
  record Open(ParsedCsr inspection, NodeName node) implements Preflight {
    public Open {
      Objects.requireNonNull(inspection, "inspection");
      Objects.requireNonNull(node, "node");
    }

    /** The DNS names asked for, without duplicates: what to look up in DNS. */
    public Set<DnsName> dnsNames() {
      Set<DnsName> names = new LinkedHashSet<>();
      inspection.names().forEach(name -> names.add(name.name()));
      return names;
    }

    /** The names and addresses asked for, without duplicates: whose holders to look up. */
    public Set<NameOrAddress> claims() {
      Set<NameOrAddress> claims = new LinkedHashSet<>(dnsNames());
      inspection.addresses().forEach(address -> claims.add(address.address()));
      return claims;
    }

    /** The same and the addresses that the names resolve to, as far as that is known. */
    public Set<NameOrAddress> claims(Facts facts) {
      Set<NameOrAddress> claims = claims();
      if (facts.resolution() instanceof Fact.Known<Map<DnsName, Resolution>>(var resolution)) {
        for (DnsName name : dnsNames()) {
          if (resolution.get(name) instanceof Resolution.Addresses(Set<IpAddress> addresses)) {
            claims.addAll(addresses);
          }
        }
      }
      return claims;
    }
  }
}
