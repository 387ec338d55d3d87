package dev.countersign.policy;

import dev.countersign.policy.check.Inspection;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.name.Claimable;
import dev.countersign.policy.name.DnsName;
import dev.countersign.policy.name.NodeName;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;

/** What the request alone decides. */
public sealed interface Preflight {

  /**
   * No fact can change it.
   *
   * @param decision a {@link Decision.Deny} or {@link Decision.Ignore}
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
  record Open(Inspection inspection, NodeName node) implements Preflight {
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
    public Set<Claimable> claims() {
      Set<Claimable> claims = new LinkedHashSet<>(dnsNames());
      inspection.addresses().forEach(address -> claims.add(address.address()));
      return claims;
    }
  }
}
