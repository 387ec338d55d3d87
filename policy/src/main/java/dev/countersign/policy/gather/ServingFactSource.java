package dev.countersign.policy.gather;

import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.request.CsrSpec;
import java.util.Objects;

/**
 * The facts about a request for a serving certificate.
 *
 * @param cached what is at hand
 * @param calls what is looked up
 */
public record ServingFactSource(CachedFacts cached, ServingLookUps calls) implements FactSource {
  public ServingFactSource {
    Objects.requireNonNull(cached, "cached");
    Objects.requireNonNull(calls, "calls");
  }

  @Override
  public Facts begin() {
    return Facts.none();
  }

  @Override
  public Facts lookUp(FactKind kind, Facts facts, Preflight.Open open, PolicyConfig config) {
    CsrSpec csr = open.inspection().csr();
    return switch (kind) {
      case NODE -> facts.withNode(cached.node(open.node()));
      case PROTECTED -> facts.withProtectedSpace(cached.protectedSpace());
      case HOLDINGS -> facts.withHoldings(cached.holdings(open.claims(facts), config));
      case PENDING -> facts.withNewerPending(cached.newerPending(csr));
      case ACCESS ->
          config
              .access()
              .map(attributes -> facts.withAccess(calls.access(csr.requestor(), attributes)))
              .orElse(facts);
      case INVENTORY ->
          config
              .inventory()
              .map(inventory -> facts.withInventory(calls.inventory(inventory, open.node())))
              .orElse(facts);
      case RESOLUTION -> {
        Facts resolved = facts.withResolution(calls.resolution(open.dnsNames(), config));
        // Who owns what the names resolve to is asked, too.
        yield config.ownership().enforced()
            ? lookUp(FactKind.HOLDINGS, resolved, open, config)
            : resolved;
      }
      case SERVED -> facts.withServed(calls.served(open, facts, config.renewal()));
      case GRANT, CLAIM, PRESENCE, LISTED, ATTESTATION, MACHINES -> facts;
    };
  }
}
