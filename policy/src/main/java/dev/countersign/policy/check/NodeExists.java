package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import java.util.Set;

/** There is a Node of the name that the request names. */
final class NodeExists implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return Set.of(FactKind.NODE);
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    if (RequestingNode.of(inspection, facts).isEmpty()) {
      findings.add(
          Reason.NODE_MISSING, "node", "no Node " + inspection.shownNode(), "a Node of that name");
    }
  }
}
