package dev.countersign.policy.check;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import java.util.Set;

/**
 * Who asks for a client certificate is a bootstrap token, a node, or a ServiceAccount that the
 * policy names.
 */
final class RequesterIsTokenOrNode implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return Set.of();
  }

  @Override
  public boolean applies(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return true;
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    if (Requester.of(inspection.csr(), config) instanceof Requester.Other) {
      findings.add(
          Reason.REQUESTER,
          "spec.username",
          SafeText.quote(inspection.csr().requestor().username()),
          "a bootstrap token or a node; anything else is for an operator to approve");
    }
  }
}
