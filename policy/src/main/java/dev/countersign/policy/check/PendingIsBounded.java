package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import java.util.Set;

/**
 * The request is among the requestor's newest. A kubelet waits only for its newest request, so a
 * flood costs its sender and never the next honest request.
 */
final class PendingIsBounded implements ClusterCheck {
  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return config.limits().pendingPerNode().isPresent() ? Set.of(FactKind.PENDING) : Set.of();
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    int most = config.limits().pendingPerNode().orElse(Integer.MAX_VALUE);
    if (facts.newerPending() instanceof Fact.Known<Integer>(Integer newer) && newer >= most) {
      findings.add(
          Reason.PENDING_LIMIT,
          "requestor.pending",
          newer + " newer undecided requests of the same requestor",
          "fewer than " + most);
    }
  }
}
