package dev.countersign.cluster.report;

import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.Explanation.CheckResult;
import dev.countersign.policy.explain.Explanation.Outcome;
import dev.countersign.policy.explain.Explanation.Verdict;
import dev.countersign.policy.explain.Finding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Lays an {@link Explanation} out: what stands against a request, every check, what to change. */
public final class RequestPage {
  private RequestPage() {}

  /** The page of an explanation that was made at that time. */
  public static Page of(Explanation explanation, Instant at) {
    List<Page.Fact> facts = new ArrayList<>();
    facts.add(new Page.Fact("Request", explanation.request()));
    facts.add(new Page.Fact("Decision", decision(explanation)));
    explanation.policy().ifPresent(source -> facts.add(new Page.Fact("Policy", source)));
    return new Page(
        "Certificate request",
        at,
        facts,
        List.of(against(explanation), changes(explanation), checks(explanation)));
  }

  private static String decision(Explanation explanation) {
    return switch (explanation.outcome()) {
      case Outcome.Approve(String node) -> explanation.word() + " for node " + node;
      case Outcome.Ignore(String because) -> explanation.word() + ", because " + because;
      case Outcome.Deny _, Outcome.Defer _ -> explanation.word();
    };
  }

  private static Page.Section against(Explanation explanation) {
    List<Finding> findings =
        explanation.checks().stream().flatMap(check -> check.findings().stream()).toList();
    return new Page.Section(
        "against",
        "Reasons not to approve it",
        "",
        "None.",
        List.of("Reason", "Field", "Got", "Want", "Next step"),
        Optional.empty(),
        findings.stream()
            .<List<Cell>>map(
                finding ->
                    List.of(
                        new Cell.State(
                            finding.isFinal() ? Cell.Level.BAD : Cell.Level.WARNING,
                            finding.reason()),
                        new Cell.Code(finding.path()),
                        new Cell.Code(finding.got()),
                        new Cell.Text(finding.want()),
                        new Cell.Text(finding.remedy())))
            .toList());
  }

  private static Page.Section changes(Explanation explanation) {
    return new Page.Section(
        "changes",
        "What would change the decision",
        "",
        "No change is needed.",
        List.of("Change"),
        Optional.empty(),
        explanation.changes().stream()
            .<List<Cell>>map(change -> List.of(new Cell.Text(change)))
            .toList());
  }

  private static Page.Section checks(Explanation explanation) {
    return new Page.Section(
        "checks",
        "Checks",
        "All checks of the policy, in a fixed order.",
        "None.",
        List.of("Check", "Result", "Evidence", "Reasons"),
        Optional.of("Result"),
        explanation.checks().stream().<List<Cell>>map(RequestPage::check).toList());
  }

  private static List<Cell> check(CheckResult result) {
    return List.of(
        new Cell.Code(result.check()),
        new Cell.State(level(result.verdict()), result.verdict().text().toLowerCase(Locale.ROOT)),
        new Cell.Text(result.evidence().toLowerCase(Locale.ROOT)),
        new Cell.Items(result.findings().stream().map(Finding::reason).toList()));
  }

  private static Cell.Level level(Verdict verdict) {
    return switch (verdict) {
      case PASSED -> Cell.Level.GOOD;
      case VIOLATED -> Cell.Level.BAD;
      case UNKNOWN -> Cell.Level.WARNING;
      case OFF -> Cell.Level.PLAIN;
    };
  }
}
