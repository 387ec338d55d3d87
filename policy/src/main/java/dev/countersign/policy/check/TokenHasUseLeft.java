package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.join.BootstrapTokenGrant;
import java.util.Set;

/** A bootstrap token has a use left, or this very join has taken one. */
final class TokenHasUseLeft implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return JoinAttempt.needsGrant(inspection, facts, config, grant -> grant.uses().isPresent());
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    BootstrapTokenGrant grant = JoinAttempt.grant(inspection, facts, config).orElseThrow();
    if (grant.usesLeft().orElseThrow() > 0) {
      return;
    }
    JoinAttempt.of(inspection, facts)
        .filter(join -> !JoinAttempt.isRecorded(grant, join, facts))
        .ifPresent(
            _ ->
                findings.add(
                    Reason.TOKEN_USED_UP,
                    "grant.uses",
                    grant.joins().size()
                        + " of "
                        + grant.uses().orElseThrow()
                        + " taken, the last at "
                        + grant.joins().getLast().at(),
                    "a use left; ask for a new token"));
  }
}
