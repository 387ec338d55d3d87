package dev.countersign.policy.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.explain.Explanation.CheckResult;
import dev.countersign.policy.explain.Explanation.Verdict;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** What an explanation says besides its checks. */
class ExplanationOutcomeTest {
  private static final Decision.Approve APPROVE =
      new Decision.Approve(NodeName.parse("node-a").orElseThrow(), List.of());
  private static final Decision.Ignore IGNORE =
      new Decision.Ignore(Decision.Ground.OTHER_REQUESTOR);

  private static Violation violation(Reason reason) {
    return new Violation(reason, "request.san[0]", "IP 192.0.2.1", "another");
  }

  private static CheckResult violated(Reason... reasons) {
    return new CheckResult(
        "Check",
        "REQUEST",
        Verdict.VIOLATED,
        List.of(reasons).stream().map(reason -> Finding.of(violation(reason))).toList());
  }

  private static Explanation of(Decision decision, CheckResult... checks) {
    return Explanation.of("csr-1", decision, List.of(checks));
  }

  @Test
  void onlyAnApproval_approves() {
    assertThat(of(APPROVE).approves()).isTrue();
    assertThat(of(IGNORE).approves()).isFalse();
    assertThat(of(new Decision.Defer(List.of(violation(Reason.SAN_TOO_MANY)))).approves())
        .isFalse();
  }

  @Test
  void againstARequestThatIsDecidedHere_isWhatTheDecisionRestsOn() {
    assertThat(of(APPROVE, violated(Reason.SANS_CHANGED)).against()).isEmpty();
    assertThat(
            of(
                    new Decision.Defer(List.of(violation(Reason.NODE_MISSING))),
                    violated(Reason.SAN_TOO_MANY))
                .against())
        .extracting(Finding::reason)
        .containsExactly("NodeMissing");
  }

  @Test
  void againstARequestThatIsLeftToOthers_isWhatIsWrongInItself() {
    CheckResult unknown =
        new CheckResult(
            "Other",
            "REQUEST",
            Verdict.UNKNOWN,
            List.of(Finding.of(violation(Reason.DNS_WILDCARD))));

    assertThat(
            of(
                    IGNORE,
                    violated(
                        Reason.REQUEST_TOO_LARGE,
                        Reason.DNS_SYNTAX,
                        Reason.TOKEN_USED_UP,
                        Reason.NODE_MISSING),
                    unknown)
                .against())
        .extracting(Finding::reason)
        .containsExactly("RequestTooLarge", "DnsSyntax", "TokenUsedUp");
  }

  @Test
  void policyAndGround_areInTextAndDocument() {
    Explanation judged = of(IGNORE).judgedBy("file p.yaml");

    assertThat(Texts.of(judged))
        .startsWith("request   csr-1\npolicy    file p.yaml\ndecision  ignore, because its user is")
        .contains("\nwhat would change it\n  Nothing: ");
    assertThat(judged.toDocument())
        .containsEntry("policy", "file p.yaml")
        .containsEntry("because", Decision.Ground.OTHER_REQUESTOR.text());
    assertThat(of(APPROVE).toDocument())
        .containsEntry("node", "node-a")
        .doesNotContainKeys("policy", "because");
  }

  @Test
  void oneEmptyLine_isBeforeWhatWouldChangeIt() {
    String decision =
        "request   csr-1\ndecision  ignore, because " + Decision.Ground.OTHER_REQUESTOR.text();
    CheckResult passed = new CheckResult("Check", "REQUEST", Verdict.PASSED, List.of());

    assertThat(Texts.of(of(IGNORE))).startsWith(decision + "\n\nwhat would change it\n");
    assertThat(Texts.of(of(IGNORE, passed)))
        .startsWith(decision + "\n\nok        request  Check\n\nwhat would change it\n");
  }

  @Test
  void documentOfADenial_hasItsViolations_andNoNode() {
    assertThat(of(new Decision.Deny(List.of(violation(Reason.DNS_SYNTAX)))).toDocument())
        .containsEntry("decision", "deny")
        .doesNotContainKeys("node", "because")
        .extractingByKey("violations")
        .asInstanceOf(InstanceOfAssertFactories.list(Map.class))
        .singleElement(InstanceOfAssertFactories.MAP)
        .containsEntry("reason", "DnsSyntax");
  }

  @Test
  void requestThatIsNotPending_isLeftAlone_withItsChecks() {
    Explanation late =
        of(new Decision.Deny(List.of(violation(Reason.DNS_SYNTAX))), violated(Reason.DNS_SYNTAX))
            .judgedBy("file p.yaml")
            .tooLate("it is denied", List.of("Nothing."));

    assertThat(late.word()).isEqualTo("ignore");
    assertThat(late.findings()).isEmpty();
    assertThat(late.changes()).containsExactly("Nothing.");
    assertThat(late.against()).extracting(Finding::reason).containsExactly("DnsSyntax");
    assertThat(Texts.of(late)).contains("policy    file p.yaml", "because it is denied");
    assertThat(late.against().getFirst().where())
        .isEqualTo("request.san[0]: got IP 192.0.2.1; want another");
  }
}
