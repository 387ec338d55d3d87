package dev.countersign.policy.gather;

import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;

/** Where the facts about one request come from. */
public interface FactSource {
  /** What is known before anything is looked up. */
  Facts begin();

  /**
   * The facts and what was found out of that kind, which is unknown where the answer did not come.
   * A kind that no request for this signer needs changes nothing.
   */
  Facts lookUp(FactKind kind, Facts facts, Preflight.Open open, PolicyConfig config);
}
