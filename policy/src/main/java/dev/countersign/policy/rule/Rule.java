package dev.countersign.policy.rule;

/** One compiled rule. */
public interface Rule {
  /** Its name in messages. */
  String name();
}
