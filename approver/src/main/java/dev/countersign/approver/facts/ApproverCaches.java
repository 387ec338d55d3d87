package dev.countersign.approver.facts;

import dev.countersign.approver.cluster.InformerCaches;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.ownership.AddressOwnershipStore;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.gather.CachedFacts;
import dev.countersign.policy.request.CsrSpec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the approver keeps in memory. Thread-safe.
 *
 * @param cluster the objects of the cluster
 * @param ownership who owns which name and address
 * @param pending the requests that wait
 */
public record ApproverCaches(
    InformerCaches cluster, AddressOwnershipStore ownership, PendingRequests pending)
    implements CachedFacts {
  @Override
  public Fact<Optional<NodeFact>> node(NodeName name) {
    return cluster.node(name);
  }

  @Override
  public Fact<ProtectedSpace> protectedSpace() {
    return cluster.protectedSpace();
  }

  @Override
  public Fact<Map<NameOrAddress, AddressOwnership>> holdings(
      Set<NameOrAddress> claims, PolicyConfig config) {
    return ownership.holdings(claims);
  }

  @Override
  public Fact<Integer> newerPending(CsrSpec csr) {
    return Fact.known(pending.newerThan(csr));
  }
}
