package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.join.BootstrapTokenGrant;
import java.time.Instant;
import java.util.Set;

/** The request of a bootstrap token was made within the window of its grant. */
final class TokenWindowIsOpen implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return JoinAttempt.needsGrant(
        inspection,
        facts,
        config,
        grant -> grant.notBefore().isPresent() || grant.notAfter().isPresent());
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    BootstrapTokenGrant grant = JoinAttempt.grant(inspection, facts, config).orElseThrow();
    Instant created = inspection.csr().created();
    grant
        .notBefore()
        .filter(created::isBefore)
        .ifPresent(
            from ->
                findings.add(
                    Reason.TOKEN_WINDOW_NOT_OPEN,
                    "grant.notBefore",
                    "a request of " + created,
                    "one from " + from + " on"));
    grant
        .notAfter()
        .filter(created::isAfter)
        .ifPresent(
            until ->
                findings.add(
                    Reason.TOKEN_WINDOW_OVER,
                    "grant.notAfter",
                    "a request of " + created,
                    "one until " + until + "; ask for a new token"));
  }
}
