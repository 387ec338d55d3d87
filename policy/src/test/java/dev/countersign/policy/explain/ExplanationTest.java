package dev.countersign.policy.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Policy;
import dev.countersign.policy.Requests;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.check.Checks;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.explain.Explanation.CheckResult;
import dev.countersign.policy.explain.Explanation.Outcome;
import dev.countersign.policy.explain.Explanation.Verdict;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.testkit.CsrForge;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static final Policy POLICY = Policy.of(PolicyConfig.defaults());

  private static Explanation explain(Requests request, Facts facts) {
    return POLICY.explain(request.csr(), facts);
  }

  private static CheckResult result(Explanation explanation, String check) {
    return explanation.checks().stream()
        .filter(one -> one.check().equals(check))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void approval_namesEveryCheck_andChangesNothing() {
    Explanation explanation = explain(Requests.valid(), Worlds.honest());

    assertThat(explanation.word()).isEqualTo("approve");
    assertThat(explanation.changes()).isEmpty();
    assertThat(explanation.checks())
        .hasSize(Checks.serving().onRequest().size() + Checks.serving().onCluster().size())
        .allSatisfy(
            one -> {
              assertThat(one.findings()).isEmpty();
              assertThat(one.verdict()).isIn(Verdict.PASSED, Verdict.OFF);
            });
    assertThat(result(explanation, "SansBelongToNode").verdict()).isEqualTo(Verdict.PASSED);
    assertThat(result(explanation, "SansBelongToNode").evidence()).isEqualTo("CLUSTER");
    assertThat(result(explanation, "NamesResolve").verdict()).isEqualTo(Verdict.OFF);
    assertThat(Texts.of(explanation))
        .startsWith("request   csr-1\ndecision  approve for node node-a\n\n")
        .contains("ok        request  UsagesAreExact\n")
        .contains("ok        cluster  NodeExists\n")
        .contains("off       cluster  NamesResolve\n")
        .doesNotContain("what would change it");
    assertThat(explanation.toDocument())
        .containsEntry("request", "csr-1")
        .containsEntry("decision", "approve")
        .containsEntry("node", "node-a")
        .containsEntry("violations", List.of())
        .containsEntry("changes", List.of())
        .doesNotContainKey("because");
  }

  @Test
  void denial_showsWhereGotAndWant_andThatTheClusterWasLookedAtAnyway() {
    Explanation explanation =
        explain(
            Requests.of(CsrForge.serving("node-a").withUri("spiffe://a/b")),
            Worlds.honest().withNode(Fact.known(Optional.empty())));

    assertThat(explanation.outcome()).isEqualTo(new Outcome.Deny());
    assertThat(explanation.word()).isEqualTo("deny");
    CheckResult sans = result(explanation, "SansAreWellFormed");
    assertThat(sans.verdict()).isEqualTo(Verdict.VIOLATED);
    assertThat(sans.findings()).hasSize(1);
    assertThat(sans.findings().getFirst().reason()).isEqualTo("SanTypeNotAllowed");
    assertThat(result(explanation, "NodeExists").verdict()).isEqualTo(Verdict.VIOLATED);
    assertThat(explanation.changes())
        .containsExactly(
            "Nothing for this request, whose denial is final; a new one would have to differ:",
            "SanTypeNotAllowed: " + Reason.SAN_TYPE_NOT_ALLOWED.remedy());
    assertThat(Texts.of(explanation))
        .contains("decision  deny\n\n")
        .contains(
            """
            VIOLATED  request  SansAreWellFormed
                      SanTypeNotAllowed
                        at   request.san[2]
                        got  URI "spiffe://a/b"
                        want DNS names and IP addresses only
            """)
        .contains(
            "\nwhat would change it\n  Nothing for this request, whose denial is final; a new one");
    assertThat(explanation.toDocument())
        .containsEntry(
            "violations",
            List.of(
                Map.of(
                    "reason", "SanTypeNotAllowed",
                    "evidence", "REQUEST",
                    "path", "request.san[2]",
                    "got", "URI \"spiffe://a/b\"",
                    "want", "DNS names and IP addresses only")))
        .doesNotContainKeys("node", "because");
  }

  @Test
  void whatFailed_comesFirst_andMayStandAlone() {
    Explanation explanation =
        explain(
            Requests.of(CsrForge.serving("node-a").withUri("spiffe://a/b")),
            Worlds.honest().withNode(Fact.unknown("cache not filled")));

    List<String> verdicts =
        Texts.of(explanation)
            .lines()
            .filter(line -> line.matches("(?:VIOLATED|unknown|ok|off) .*"))
            .map(line -> line.replaceFirst(" .*", ""))
            .distinct()
            .toList();
    assertThat(verdicts).containsExactly("VIOLATED", "unknown", "ok", "off");
    assertThat(Texts.of(explanation.failedOnly()))
        .contains("VIOLATED  request  SansAreWellFormed\n", "unknown   cluster  NodeExists\n")
        .doesNotContainPattern("(?m)^(?:ok|off) ");
  }

  @Test
  void hold_withAnUnknownFact_saysWhichAndWhy() {
    Explanation explanation =
        explain(Requests.valid(), Worlds.honest().withNode(Fact.unknown("cache not filled")));

    assertThat(explanation.word()).isEqualTo("defer");
    assertThat(result(explanation, "NodeExists").verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(explanation.changes())
        .containsExactly("FactUnknown: " + Reason.FACT_UNKNOWN.remedy());
    assertThat(Texts.of(explanation))
        .contains("decision  defer\n\n")
        .contains("unknown   cluster  NodeExists\n")
        .contains("got  unknown: cache not filled\n");
  }

  @Test
  void ignored_saysOnWhatGround() {
    Explanation explanation =
        explain(Requests.valid().withSigner("example.com/other"), Worlds.honest());

    assertThat(explanation.word()).isEqualTo("ignore");
    assertThat(Texts.of(explanation))
        .contains("decision  ignore, because " + Decision.Ground.OTHER_SIGNER.text() + "\n");
    assertThat(explanation.changes())
        .containsExactly(
            "Nothing: it is not decided here because " + Decision.Ground.OTHER_SIGNER.text() + ".");
    assertThat(explanation.toDocument())
        .containsEntry("decision", "ignore")
        .containsEntry("because", Decision.Ground.OTHER_SIGNER.text())
        .doesNotContainKey("node");
  }

  @Test
  void document_listsEveryCheckInOrder() {
    Explanation explanation = explain(Requests.valid(), Worlds.honest());

    assertThat(explanation.toDocument().get("checks"))
        .isEqualTo(
            explanation.checks().stream()
                .map(
                    one ->
                        Map.of(
                            "check", one.check(),
                            "evidence", one.evidence(),
                            "verdict", one.verdict().toString(),
                            "violations", List.of()))
                .toList());
  }
}
