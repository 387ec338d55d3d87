package dev.countersign.policy;

import dev.countersign.common.ParseResult;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.file.ApprovalPolicyFile;
import java.util.List;

/** Policies as a file would give them, and what they decide. */
public final class Given {
  private Given() {}

  /** The policy of a file with this {@code spec}. */
  public static PolicyConfig policy(String spec) {
    String text =
        "apiVersion: countersign.dev/v1alpha1\nkind: ApprovalPolicy\nspec:\n" + spec.indent(2);
    return switch (ApprovalPolicyFile.parse(text)) {
      case ParseResult.Parsed<PolicyConfig>(PolicyConfig config) -> config;
      case ParseResult.Refused<PolicyConfig> refused -> throw new AssertionError(refused.message());
    };
  }

  /** Why the valid request is not simply approved. */
  public static List<Reason> reasons(Facts facts, PolicyConfig config) {
    return reasons(Policy.decide(Requests.valid().csr(), facts, config));
  }

  /** The reasons of a decision. */
  public static List<Reason> reasons(Decision decision) {
    return decision.violations().stream().map(Violation::reason).toList();
  }
}
