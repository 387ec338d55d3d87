package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;

/** A rule that looks at the immutable request alone. Stateless. */
public interface RequestCheck {
  /** The rule as a name, for example {@code UsagesAreExact}. */
  default String name() {
    return getClass().getSimpleName();
  }

  /** Whether there is anything to look at in that request. */
  default boolean applies(ParsedCsr inspection, PolicyConfig config) {
    return true;
  }

  /** Reports what breaks the rule; nothing where there is nothing to look at. */
  void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings);
}
