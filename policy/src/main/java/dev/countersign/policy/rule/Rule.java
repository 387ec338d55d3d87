package dev.countersign.policy.rule;

/** One rule, compiled and type-checked. Safe for use by several threads. */
public interface Rule {
  /** What one evaluation may cost unless the policy file says otherwise. */
  long DEFAULT_COST_LIMIT = 10_000;

  /** Its name in the policy file. */
  String name();

  /** What the operator wants said where it refuses. */
  String message();

  /** Whether it looks at the Node, so that its answer may change. */
  boolean looksAtNode();

  /** What it says of these inputs. */
  Verdict evaluate(RuleInputs inputs);

  /** What a rule says. */
  sealed interface Verdict {
    /** True. */
    record Passes() implements Verdict {}

    /** False. */
    record Refuses() implements Verdict {}

    /**
     * Neither: it failed or cost too much.
     *
     * @param why in words
     */
    record Undecided(String why) implements Verdict {}
  }
}
