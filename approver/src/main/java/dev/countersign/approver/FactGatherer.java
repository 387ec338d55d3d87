package dev.countersign.approver;

import dev.countersign.approver.cluster.AccessReviewer;
import dev.countersign.approver.cluster.ClusterFacts;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.Holding;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.name.Claimable;
import dev.countersign.policy.name.NodeName;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks up the facts that a policy wants for one request, the cheap ones first. Thread-safe. */
final class FactGatherer {
  private final ClusterFacts cluster;
  private final PendingRequests pending;
  private final AccessReviewer reviewer;

  FactGatherer(ClusterFacts cluster, PendingRequests pending, AccessReviewer reviewer) {
    this.cluster = cluster;
    this.pending = pending;
    this.reviewer = reviewer;
  }

  Facts gather(Policy policy, Preflight preflight, CsrObject csr) {
    Facts facts = Facts.none();
    if (!(preflight instanceof Preflight.Open open)) {
      return facts;
    }
    EnumSet<FactKind> asked = EnumSet.noneOf(FactKind.class);
    while (true) {
      EnumSet<FactKind> wanted = EnumSet.noneOf(FactKind.class);
      wanted.addAll(policy.wanted(preflight, facts));
      wanted.removeAll(asked);
      if (wanted.isEmpty()) {
        return facts;
      }
      for (FactKind kind : wanted) {
        facts = lookUp(kind, facts, policy, open, csr);
      }
      asked.addAll(wanted);
    }
  }

  private Facts lookUp(
      FactKind kind, Facts facts, Policy policy, Preflight.Open open, CsrObject csr) {
    return switch (kind) {
      case NODE -> facts.withNode(cluster.node(open.node()));
      case PROTECTED -> facts.withProtectedSpace(cluster.protectedSpace());
      case HOLDINGS -> facts.withHoldings(holdings(open.claims()));
      case PENDING -> facts.withNewerPending(Fact.known(pending.newerThan(csr)));
      case ACCESS ->
          policy
              .config()
              .access()
              .map(
                  attributes ->
                      facts.withAccess(reviewer.review(csr.view().requestor(), attributes)))
              .orElse(facts);
      case INVENTORY, RESOLUTION, SERVED -> facts;
    };
  }

  private Fact<Map<Claimable, Holding>> holdings(Set<Claimable> claims) {
    if (!cluster.nodesComplete()) {
      return Fact.unknown("the list of Nodes is not complete yet");
    }
    Map<Claimable, Holding> holdings = new HashMap<>();
    for (Claimable claim : claims) {
      List<NodeName> claimants = List.copyOf(cluster.claimants(claim));
      if (claimants.size() > 1) {
        holdings.put(claim, new Holding.Contested(claimants));
      } else if (claimants.size() == 1
          && cluster.node(claimants.getFirst())
              instanceof Fact.Known<Optional<NodeFact>>(Optional<NodeFact> node)
          && node.isPresent()) {
        holdings.put(
            claim, new Holding.HeldBy(node.get().name(), node.get().uid(), node.get().created()));
      }
    }
    return Fact.known(holdings);
  }
}
