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
  Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config);

  /** Whether there is anything to look at under that configuration. */
  default boolean applies(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return !needs(inspection, facts, config).isEmpty();
  }

  /**
   * Those of the facts it needs that can only take a violation back: without them it reports what
   * the others show, and the unknown fact besides.
   */
  default Set<FactKind> settling() {
    return Set.of();
  }

  /**
   * Reports what breaks the rule. Called only when it applies and each fact that it needs is known
   * or {@link #settling}.
   */
  void inspect(ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings);
}
