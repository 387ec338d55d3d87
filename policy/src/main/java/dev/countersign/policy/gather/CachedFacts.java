package dev.countersign.policy.gather;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.request.CsrSpec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Facts at hand: those of {@link FactKind.Cost#CACHED}. */
public interface CachedFacts {
  /** The Node of that name, or that there is none. */
  Fact<Optional<NodeFact>> node(NodeName name);

  /** The names and addresses that are the cluster's own. */
  Fact<ProtectedSpace> protectedSpace();

  /** Who owns each of these names and addresses. */
  Fact<Map<NameOrAddress, AddressOwnership>> holdings(
      Set<NameOrAddress> claims, PolicyConfig config);

  /** How many undecided requests of the same requestor are newer. */
  Fact<Integer> newerPending(CsrSpec csr);
}
