package dev.countersign.policy.config;

import dev.countersign.policy.decision.Decision;

/** What is written down of a decision. The decision itself is the same in every mode. */
public enum Mode {
  /** Approvals and denials are written. */
  ENFORCE("Enforce"),
  /** Decides and records, writes nothing to the request. */
  AUDIT("Audit"),
  /** Approvals are written; what would be denied is left pending. */
  APPROVE_ONLY("ApproveOnly");

  private final String text;

  Mode(String text) {
    this.text = text;
  }

  /** As written in the policy file. */
  public String text() {
    return text;
  }

  /** Whether this mode writes that decision to the request's conditions. */
  public boolean writes(Decision decision) {
    return switch (decision) {
      case Decision.Approve _ -> this != AUDIT;
      case Decision.Deny _ -> this == ENFORCE;
      case Decision.Defer _, Decision.Ignore _ -> false;
    };
  }
}
