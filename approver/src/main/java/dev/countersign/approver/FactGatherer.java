package dev.countersign.approver;

import dev.countersign.approver.cluster.AccessReviewer;
import dev.countersign.approver.cluster.ClusterFacts;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.ledger.AddressLedger;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import java.util.EnumSet;

/** Looks up the facts that a policy wants for one request, the cheap ones first. Thread-safe. */
final class FactGatherer {
  private final ClusterFacts cluster;
  private final AddressLedger ledger;
  private final PendingRequests pending;
  private final AccessReviewer reviewer;

  FactGatherer(
      ClusterFacts cluster,
      AddressLedger ledger,
      PendingRequests pending,
      AccessReviewer reviewer) {
    this.cluster = cluster;
    this.ledger = ledger;
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
      case HOLDINGS -> facts.withHoldings(ledger.holdings(open.claims()));
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
}
