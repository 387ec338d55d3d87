package dev.countersign.policy.rule;

import java.util.List;

/**
 * The rules of a policy file, compiled and type-checked. Immutable.
 *
 * @param rules in the order of the file
 */
public record RuleSet(List<Rule> rules) {
  private static final RuleSet NONE = new RuleSet(List.of());

  public RuleSet {
    rules = List.copyOf(rules);
  }

  /** No rules. */
  public static RuleSet none() {
    return NONE;
  }
}
