package dev.countersign.policy.check;

import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.join.BootstrapTokenGrant;
import java.util.Set;

/** A bootstrap token joins only nodes that its grant names. */
final class TokenIsForNode implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return JoinAttempt.needsGrant(inspection, facts, config, _ -> true);
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    BootstrapTokenGrant grant = JoinAttempt.grant(inspection, facts, config).orElseThrow();
    inspection
        .node()
        .map(NodeName::text)
        .filter(node -> grant.nodes().stream().noneMatch(pattern -> pattern.matches(node)))
        .ifPresent(
            node ->
                findings.add(
                    Reason.TOKEN_NOT_FOR_NODE,
                    "grant.nodes",
                    SafeText.quote(node),
                    "one of " + grant.nodes()));
  }
}
