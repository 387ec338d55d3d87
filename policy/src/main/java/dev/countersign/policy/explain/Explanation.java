package dev.countersign.policy.explain;

import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Evidence;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.x509.SafeText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * A decision with everything that led to it.
 *
 * @param request the name of the request
 * @param decision the decision
 * @param checks every check, in a fixed order
 */
public record Explanation(String request, Decision decision, List<CheckResult> checks) {
  public Explanation {
    Objects.requireNonNull(request, "request");
    Objects.requireNonNull(decision, "decision");
    checks = List.copyOf(checks);
  }

  /**
   * What one check says.
   *
   * @param check its name
   * @param evidence what it looks at
   * @param verdict what it found
   * @param violations sorted; empty unless violated
   */
  public record CheckResult(
      String check, Evidence evidence, Verdict verdict, List<Violation> violations) {
    public CheckResult {
      Objects.requireNonNull(check, "check");
      Objects.requireNonNull(evidence, "evidence");
      Objects.requireNonNull(verdict, "verdict");
      violations = violations.stream().sorted().toList();
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
    /** It is switched off in the policy. */
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

  /** The decision as one word: approve, deny, hold or ignore. */
  public String word() {
    return switch (decision) {
      case Decision.Approve _ -> "approve";
      case Decision.Deny _ -> "deny";
      case Decision.Hold _ -> "hold";
      case Decision.Ignore _ -> "ignore";
    };
  }

  /** What would change the decision, a sentence each; empty for an approval. */
  public List<String> changes() {
    return switch (decision) {
      case Decision.Approve _ -> List.of();
      case Decision.Ignore(Decision.Ground why) ->
          List.of("Nothing: it is not decided here because " + why.text() + ".");
      case Decision.Deny(List<Violation> violations) -> {
        List<String> changes = new ArrayList<>();
        changes.add(
            "Nothing for this request, which cannot change; a new one would have to differ:");
        changes.addAll(remedies(violations, Evidence.REQUEST));
        yield changes;
      }
      case Decision.Hold(List<Violation> violations) -> remedies(violations, Evidence.CLUSTER);
    };
  }

  private static List<String> remedies(List<Violation> violations, Evidence evidence) {
    TreeSet<Reason> reasons = new TreeSet<>();
    violations.stream()
        .map(Violation::reason)
        .filter(reason -> reason.evidence() == evidence)
        .forEach(reasons::add);
    return reasons.stream().map(reason -> reason.camelCase() + ": " + reason.remedy()).toList();
  }

  /** For people; ends in a line break. */
  public String toText() {
    StringBuilder out = new StringBuilder();
    out.append("request   ").append(SafeText.line(request)).append('\n');
    out.append("decision  ").append(word());
    switch (decision) {
      case Decision.Approve(var node, var _) -> out.append(" for node ").append(node);
      case Decision.Ignore(Decision.Ground why) -> out.append(", because ").append(why.text());
      case Decision.Deny _, Decision.Hold _ -> {}
    }
    out.append("\n\n");
    for (CheckResult result : checks) {
      String evidence = result.evidence() == Evidence.REQUEST ? "request" : "cluster";
      out.append(pad(result.verdict().text(), 10))
          .append(pad(evidence, 9))
          .append(result.check())
          .append('\n');
      for (Violation violation : result.violations()) {
        out.append("          ").append(violation.reason().camelCase()).append('\n');
        out.append("            at   ").append(violation.path()).append('\n');
        out.append("            got  ").append(violation.got()).append('\n');
        out.append("            want ").append(violation.want()).append('\n');
      }
    }
    List<String> changes = changes();
    if (!changes.isEmpty()) {
      out.append("\nwhat would change it\n");
      changes.forEach(change -> out.append("  ").append(change).append('\n'));
    }
    return out.toString();
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }

  /** For scripts: maps, lists and texts that mirror the decision. */
  public Map<String, Object> toDocument() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("request", request);
    document.put("decision", word());
    switch (decision) {
      case Decision.Approve(var node, var _) -> document.put("node", node.text());
      case Decision.Ignore(Decision.Ground why) -> document.put("because", why.text());
      case Decision.Deny _, Decision.Hold _ -> {}
    }
    document.put("violations", decision.violations().stream().map(Explanation::map).toList());
    List<Map<String, Object>> all = new ArrayList<>();
    for (CheckResult result : checks) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("check", result.check());
      one.put("evidence", result.evidence().toString());
      one.put("verdict", result.verdict().toString());
      one.put("violations", result.violations().stream().map(Explanation::map).toList());
      all.add(one);
    }
    document.put("checks", all);
    document.put("changes", changes());
    return document;
  }

  private static Map<String, Object> map(Violation violation) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("reason", violation.reason().camelCase());
    map.put("evidence", violation.reason().evidence().toString());
    map.put("path", violation.path());
    map.put("got", violation.got());
    map.put("want", violation.want());
    return map;
  }
}
