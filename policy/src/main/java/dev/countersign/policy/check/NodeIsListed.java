package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.join.JoinGrant;
import java.util.Set;

/** The join inventory knows the node, where the token's grant asks for that. */
final class NodeIsListed implements ClusterCheck {
  @Override
  public Set<FactKind> needs(Inspection inspection, Facts facts, PolicyConfig config) {
    return JoinAttempt.needsGrant(
        inspection, facts, config, JoinGrant::inventoryRequired, FactKind.LISTED);
  }

  @Override
  public void inspect(Inspection inspection, Facts facts, PolicyConfig config, Findings findings) {
    if (facts.join().listed() instanceof Fact.Known<Boolean>(Boolean listed) && !listed) {
      findings.add(
          Reason.NOT_IN_INVENTORY,
          "inventory",
          "no entry for " + inspection.shownNode(),
          "the node's entry");
    }
  }
}
