package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import java.util.Set;

/** A bootstrap token that joins a node has a grant. */
final class TokenHasGrant implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return Requester.of(inspection.csr(), config) instanceof Requester.Token
        ? Set.of(FactKind.GRANT)
        : Set.of();
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    if (JoinAttempt.grant(inspection, facts, config).isPresent()) {
      return;
    }
    facts
        .join()
        .knownGrant()
        .ifPresentOrElse(
            other ->
                findings.add(
                    Reason.FACT_UNKNOWN,
                    "facts.grant",
                    "the record is of token " + other.token(),
                    "known"),
            () ->
                findings.add(
                    Reason.TOKEN_WITHOUT_GRANT,
                    "grant",
                    "none for " + inspection.csr().requestor().username(),
                    "a join grant; make tokens with countersign token create"));
  }
}
