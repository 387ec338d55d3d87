package dev.countersign.approver;

import dev.countersign.approver.cluster.AccessReviewer;
import dev.countersign.approver.cluster.ClusterFacts;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.ledger.AddressLedger;
import dev.countersign.approver.lookup.InventoryReader;
import dev.countersign.approver.lookup.NameResolver;
import dev.countersign.approver.lookup.ServedCertificates;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;

/** Looks up the facts that a policy wants for one request, the cheap ones first. Thread-safe. */
final class FactGatherer {
  private final ClusterFacts cluster;
  private final AddressLedger ledger;
  private final PendingRequests pending;
  private final AccessReviewer reviewer;
  private final NameResolver resolver;
  private final ServedCertificates served;
  private final InventoryReader inventories;
  private final ApproverMetrics metrics;

  FactGatherer(
      ClusterFacts cluster,
      AddressLedger ledger,
      PendingRequests pending,
      AccessReviewer reviewer,
      NameResolver resolver,
      ServedCertificates served,
      InventoryReader inventories,
      ApproverMetrics metrics) {
    this.cluster = cluster;
    this.ledger = ledger;
    this.pending = pending;
    this.reviewer = reviewer;
    this.resolver = resolver;
    this.served = served;
    this.inventories = inventories;
    this.metrics = metrics;
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
      case HOLDINGS -> facts.withHoldings(ledger.holdings(open.claims(facts)));
      case PENDING -> facts.withNewerPending(Fact.known(pending.newerThan(csr)));
      case ACCESS ->
          policy
              .config()
              .access()
              .map(
                  attributes ->
                      facts.withAccess(
                          counted(kind, reviewer.review(csr.view().requestor(), attributes))))
              .orElse(facts);
      case INVENTORY ->
          policy
              .config()
              .inventory()
              .map(inventory -> facts.withInventory(ask(inventory, open.node())))
              .orElse(facts);
      case RESOLUTION -> resolve(facts, policy.config(), open);
      case SERVED ->
          facts.withServed(
              counted(
                  kind,
                  served.look(
                      open.node(),
                      open.claims(),
                      facts,
                      policy.config().renewal().kubeletPort(),
                      policy.config().renewal().authority())));
      case GRANT, CLAIM, PRESENCE, LISTED, ATTESTATION, MACHINES -> facts;
    };
  }

  /** With what the names resolve to, and who holds that. */
  private Facts resolve(Facts facts, PolicyConfig config, Preflight.Open open) {
    Facts resolved =
        facts.withResolution(
            counted(
                FactKind.RESOLUTION,
                resolver.resolve(
                    open.dnsNames(),
                    config.searchList(resolver.searchDomains()),
                    config.names().resolutionTimeout())));
    return config.ownership().enforced()
        ? resolved.withHoldings(ledger.holdings(open.claims(resolved)))
        : resolved;
  }

  private Map<String, Fact<Optional<InventoryEntry>>> ask(Inventory inventory, NodeName node) {
    Map<String, Fact<Optional<InventoryEntry>>> answers = inventories.ask(inventory, node);
    answers.values().forEach(answer -> counted(FactKind.INVENTORY, answer));
    return answers;
  }

  private <T> Fact<T> counted(FactKind kind, Fact<T> fact) {
    metrics.lookedUp(kind, fact.isKnown());
    return fact;
  }
}
