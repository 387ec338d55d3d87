package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.join.BootstrapTokenGrant;
import java.util.Set;

/** The join inventory knows the node, where the token's grant asks for that. */
final class NodeIsListed implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return JoinAttempt.needsGrant(
        inspection, facts, config, BootstrapTokenGrant::inventoryRequired, FactKind.LISTED);
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    if (facts.join().listed() instanceof Fact.Known<Boolean>(Boolean listed) && !listed) {
      findings.add(
          Reason.NOT_IN_INVENTORY,
          "inventory",
          "no entry for " + inspection.shownNode(),
          "the node's entry");
    }
  }
}
