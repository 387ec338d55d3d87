package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import java.util.Set;

/** A rule that looks at the cluster as well. Stateless. */
public interface ClusterCheck {
  /** The rule as a name, for example {@code SansBelongToNode}. */
  default String name() {
    return getClass().getSimpleName();
  }

  /**
   * The facts it looks at under that configuration, given what is known; empty where it is switched
   * off.
   */
  Set<FactKind> needs(Inspection inspection, Facts facts, PolicyConfig config);

  /**
   * Reports what breaks the rule. Called only when every fact it needs is known and it needs any.
   */
  void inspect(Inspection inspection, Facts facts, PolicyConfig config, Findings findings);
}
