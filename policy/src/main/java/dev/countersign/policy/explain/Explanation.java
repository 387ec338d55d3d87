package dev.countersign.policy.explain;

import dev.countersign.policy.decision.Decision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A decision with everything that led to it, for either signer.
 *
 * @param request the name of the request
 * @param outcome the decision
 * @param findings what stands against the request, or is to be noticed; in the decision's order
 * @param checks every check, in a fixed order
 * @param changes what would change the decision, a sentence each; empty for an approval
 * @param policy where the policy came from; empty where nobody asked
 */
public record Explanation(
    String request,
    Outcome outcome,
    List<Finding> findings,
    List<CheckResult> checks,
    List<String> changes,
    Optional<String> policy) {
  public Explanation {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(outcome, "outcome");
    findings = List.copyOf(findings);
    checks = List.copyOf(checks);
    changes = List.copyOf(changes);
    Objects.requireNonNull(policy, "policy");
  }

  /** What is decided. */
  public sealed interface Outcome {
    /**
     * It is approved.
     *
     * @param node whose certificate it is
     */
    record Approve(String node) implements Outcome {}

    /** It is denied, for good. */
    record Deny() implements Outcome {}

    /** It is looked at again when the facts change. */
    record Defer() implements Outcome {}

    /**
     * It is left alone.
     *
     * @param because a clause that completes "not decided here, because"
     */
    record Ignore(String because) implements Outcome {}
  }

  /**
   * What one check says.
   *
   * @param check its name
   * @param evidence what it looks at
   * @param verdict what it found
   * @param findings in the decision's order; empty unless violated or unknown
   */
  public record CheckResult(
      String check, String evidence, Verdict verdict, List<Finding> findings) {
    public CheckResult {
      Objects.requireNonNull(check, "check");
      Objects.requireNonNull(evidence, "evidence");
      Objects.requireNonNull(verdict, "verdict");
      findings = List.copyOf(findings);
    }

    /** Whether it keeps the request from being approved. */
    public boolean isAgainst() {
      return verdict == Verdict.VIOLATED || verdict == Verdict.UNKNOWN;
    }
  }

  /** What a check found. */
  public enum Verdict {
    /** Nothing against the request. */
    PASSED("ok"),
    /** Something against it. */
    VIOLATED("VIOLATED"),
    /** Nothing yet: it needs a fact that is not known. */
    UNKNOWN("unknown"),
    /** It is switched off in the policy, or has nothing to look at in this request. */
    OFF("off");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    /** For tables. */
    public String text() {
      return text;
    }
  }

  /** Of a decision. */
  public static Explanation of(String request, Decision decision, List<CheckResult> checks) {
    Outcome outcome =
        switch (decision) {
          case Decision.Approve approve -> new Outcome.Approve(approve.node().text());
          case Decision.Deny _ -> new Outcome.Deny();
          case Decision.Defer _ -> new Outcome.Defer();
          case Decision.Ignore(Decision.Ground why) -> new Outcome.Ignore(why.text());
        };
    List<Finding> findings = decision.violations().stream().map(Finding::of).toList();
    return explaining(request, outcome, findings, checks);
  }

  private static Explanation explaining(
      String request, Outcome outcome, List<Finding> findings, List<CheckResult> checks) {
    List<String> changes =
        switch (outcome) {
          case Outcome.Approve _ -> List.of();
          case Outcome.Ignore(String because) ->
              List.of("Nothing: it is not decided here because " + because + ".");
          case Outcome.Deny _ -> {
            List<String> lines = new ArrayList<>();
            lines.add(
                "Nothing for this request, whose denial is final; a new one would have to differ:");
            lines.addAll(remedies(findings, Finding::isFinal));
            yield lines;
          }
          case Outcome.Defer _ -> remedies(findings, _ -> true);
        };
    return new Explanation(request, outcome, findings, checks, changes, Optional.empty());
  }

  private static List<String> remedies(List<Finding> findings, Predicate<Finding> which) {
    return findings.stream()
        .filter(which)
        .map(finding -> finding.reason() + ": " + finding.remedy())
        .distinct()
        .toList();
  }

  /** The same with those checks only that keep the request from being approved. */
  public Explanation failedOnly() {
    return new Explanation(
        request,
        outcome,
        findings,
        checks.stream().filter(CheckResult::isAgainst).toList(),
        changes,
        policy);
  }

  /** The same with a policy named. */
  public Explanation judgedBy(String source) {
    return new Explanation(request, outcome, findings, checks, changes, Optional.of(source));
  }

  /**
   * The same of a request that is not pending any more: the checks say what they would find now.
   *
   * @param because a clause that completes "left alone, because"
   * @param left what is left to do, a sentence each
   */
  public Explanation tooLate(String because, List<String> left) {
    return new Explanation(request, new Outcome.Ignore(because), List.of(), checks, left, policy);
  }

  /** Whether it is to be approved. */
  public boolean approves() {
    return outcome instanceof Outcome.Approve;
  }

  /**
   * What speaks against an approval by hand: what the decision rests on; for one that is left to
   * others, what is wrong in the request itself.
   */
  public List<Finding> against() {
    return switch (outcome) {
      case Outcome.Approve _ -> List.of();
      case Outcome.Deny _, Outcome.Defer _ -> findings;
      case Outcome.Ignore _ ->
          checks.stream()
              .filter(result -> result.verdict() == Verdict.VIOLATED)
              .flatMap(result -> result.findings().stream())
              .filter(Finding::isOfRequest)
              .toList();
    };
  }

  /** What the decision rests on first. */
  public Optional<Finding> firstFinding() {
    return findings.stream().findFirst();
  }

  /** The reasons of the findings, each once. */
  public List<String> reasons() {
    return findings.stream().map(Finding::reason).distinct().toList();
  }

  /** The decision as one word: approve, deny, hold or ignore. */
  public String word() {
    return switch (outcome) {
      case Outcome.Approve _ -> "approve";
      case Outcome.Deny _ -> "deny";
      case Outcome.Defer _ -> "defer";
      case Outcome.Ignore _ -> "ignore";
    };
  }

  /** For scripts: maps, lists and texts that mirror the decision. */
  public Map<String, Object> toDocument() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("request", request);
    policy.ifPresent(source -> document.put("policy", source));
    document.put("decision", word());
    switch (outcome) {
      case Outcome.Approve(String node) -> document.put("node", node);
      case Outcome.Ignore(String because) -> document.put("because", because);
      case Outcome.Deny _, Outcome.Defer _ -> {}
    }
    document.put("violations", findings.stream().map(Finding::toDocument).toList());
    List<Map<String, Object>> all = new ArrayList<>();
    for (CheckResult result : checks) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("check", result.check());
      one.put("evidence", result.evidence());
      one.put("verdict", result.verdict().toString());
      one.put("violations", result.findings().stream().map(Finding::toDocument).toList());
      all.add(one);
    }
    document.put("checks", all);
    document.put("changes", changes);
    return document;
  }
}
