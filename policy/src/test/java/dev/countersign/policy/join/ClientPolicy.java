package dev.countersign.policy.join;

import dev.countersign.policy.Policy;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.JoinFacts;
import dev.countersign.policy.request.CsrSpec;

/** The policy for client certificates, by the facts that it looks at. */
public record ClientPolicy(Policy policy) {
  /** Of that configuration. */
  public static ClientPolicy of(PolicyConfig config, JoinConfig join) {
    return new ClientPolicy(Policy.ofClients(config, join));
  }

  /** Decides. */
  public Decision decide(CsrSpec csr, JoinFacts facts) {
    return policy.decide(csr, Facts.none().withJoin(facts));
  }

  /** Explains. */
  public Explanation explain(CsrSpec csr, JoinFacts facts) {
    return policy.explain(csr, Facts.none().withJoin(facts));
  }
}
