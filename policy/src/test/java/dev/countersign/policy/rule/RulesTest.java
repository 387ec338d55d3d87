package dev.countersign.policy.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import dev.countersign.policy.Requests;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.testkit.CsrForge;
import dev.countersign.x509.request.CertificateRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {
  private static final NodeFact NODE =
      new NodeFact(
          Worlds.nodeName("node-a"),
          "uid-a",
          Requests.NOW.minus(Duration.ofSeconds(90)),
          List.of(Worlds.hostname("node-a"), Worlds.internal("192.0.2.10")),
          List.of(Worlds.range("10.244.1.0/24")),
          Map.of("Ready", "True"),
          Map.of("zone", "eu-1"));

  private static Rule rule(String expression, long costLimit) {
    return Rules.compile("r", expression, "m", costLimit).orThrow();
  }

  private static CertificateRequest parsed() {
    return parsed(CsrForge.serving(Requests.NODE));
  }

  private static CertificateRequest parsed(CsrForge forge) {
    return switch (CertificateRequest.parsePem(forge.pem())) {
      case ParseResult.Parsed<CertificateRequest>(CertificateRequest request) -> request;
      case ParseResult.Refused<CertificateRequest> malformed ->
          throw new AssertionError(malformed.message());
    };
  }

  private static Rule.Verdict evaluate(String expression, long costLimit, boolean withNode) {
    Requests request = Requests.valid().withExpiration(3600);
    return rule(expression, costLimit)
        .evaluate(
            new RuleInputs(
                request.csr(), parsed(), withNode ? Optional.of(NODE) : Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "request.name == 'csr-1'",
        "request.signer == 'kubernetes.io/kubelet-serving'",
        "request.username == 'system:node:node-a'",
        "request.groups == ['system:nodes', 'system:authenticated']",
        "request.usages == ['digital signature', 'server auth']",
        "request.expirationSeconds == 3600",
        "certificate.commonName == 'system:node:node-a'",
        "certificate.organizations == ['system:nodes']",
        "certificate.dnsNames == ['node-a']",
        "certificate.ipAddresses == ['192.0.2.10']",
        "certificate.keyAlgorithm == 'ECDSA' && certificate.keyBits == 256",
        "certificate.curve != ''",
        "node.name == 'node-a' && node.uid == 'uid-a'",
        "node.labels['zone'] == 'eu-1' && node.conditions['Ready'] == 'True'",
        "node.addresses[0].type == 'Hostname' && node.addresses[0].address == 'node-a'",
        "node.addresses.exists(a, a.type == 'InternalIP' && a.address == '192.0.2.10')",
        "node.podRanges == ['10.244.1.0/24']",
        "node.ageSeconds == 90",
      })
  void evaluate_everyVariable_holdsItsFact(String expression) {
    assertThat(evaluate(expression, Rule.DEFAULT_COST_LIMIT, true))
        .isEqualTo(new Rule.Verdict.Passes());
    assertThat(evaluate("!(" + expression + ")", Rule.DEFAULT_COST_LIMIT, true))
        .isEqualTo(new Rule.Verdict.Refuses());
  }

  @Test
  void evaluate_namesOfOtherTypes_areNeitherNamesNorAddresses() {
    CertificateRequest certificate =
        parsed(
            CsrForge.client(Requests.NODE)
                .withEmail("a@example.com")
                .withUri("spiffe://a")
                .withDirectoryName("a")
                .withIpBytes(new byte[] {1, 2, 3})
                .withDns("b")
                .withIp("2001:db8:0::1"));
    assertThat(
            rule("certificate.dnsNames == ['b'] && certificate.ipAddresses == ['2001:db8::1']", 99)
                .evaluate(new RuleInputs(Requests.valid().csr(), certificate, Optional.of(NODE))))
        .isEqualTo(new Rule.Verdict.Passes());
  }

  @Test
  void evaluate_requestWithoutExpiration_asksForZeroSeconds() {
    assertThat(
            rule("request.expirationSeconds == 0", 99)
                .evaluate(new RuleInputs(Requests.valid().csr(), parsed(), Optional.empty())))
        .isEqualTo(new Rule.Verdict.Passes());
  }

  @Test
  void compile_keepsNameAndMessage_andSaysWhetherItLooksAtNode() {
    Rule rule = rule("request.name != ''", 10);
    assertThat(rule.name()).isEqualTo("r");
    assertThat(rule.message()).isEqualTo("m");
    assertThat(rule.looksAtNode()).isFalse();
    assertThat(rule("request.name == '' || node.name != ''", 10).looksAtNode()).isTrue();
    assertThat(rule("request.username.contains('node')", 10).looksAtNode()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "request.name; a result of type string; bool",
        "1 + 1; a result of type int; bool",
        "request.nothing == ''; undefined field; a CEL expression over request",
        "certificate.keyBits == 'x'; no matching overload; a CEL expression over request",
        "node.addresses[0].port == 1; undefined field; a CEL expression over request",
        "request.name ==; mismatched input; a CEL expression over request",
      })
  void compile_refusesWhatIsNotARule(String expression, String got, String want) {
    ParseResult<Rule> reading = Rules.compile("r", expression, "m", 10);
    assertThat(reading).isInstanceOf(ParseResult.Refused.class);
    assertThat(reading.toString()).contains(got).contains(want).doesNotContain("\n");
  }

  @Test
  void compile_refusesALongExpression() {
    String name = "request.name == '" + "x".repeat(4096) + "'";
    assertThat(Rules.compile("r", name, "m", 10)).isInstanceOf(ParseResult.Refused.class);
  }

  @Test
  void evaluate_withoutNode_isUndecided() {
    assertThat(evaluate("node.name == 'node-a'", Rule.DEFAULT_COST_LIMIT, false))
        .isInstanceOfSatisfying(
            Rule.Verdict.Undecided.class,
            undecided -> assertThat(undecided.why()).isNotBlank().doesNotContain("\n"));
  }

  @Test
  void evaluate_missingKey_isUndecided_andSaysWhich() {
    assertThat(evaluate("node.labels['rack'] == '1'", Rule.DEFAULT_COST_LIMIT, true))
        .isInstanceOfSatisfying(
            Rule.Verdict.Undecided.class,
            undecided -> assertThat(undecided.why()).contains("rack"));
  }

  @Test
  void evaluate_costsStepsAndSizes_upToTheLimit() {
    String loop = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(a, a < 100)";
    long limit = 1;
    while (!evaluate(loop, limit, true).equals(new Rule.Verdict.Passes())) {
      assertThat(evaluate(loop, limit, true))
          .isEqualTo(new Rule.Verdict.Undecided("it costs more than " + limit));
      limit++;
      assertThat(limit).isLessThan(1000);
    }
    assertThat(limit).isGreaterThan(10);
    assertThat(evaluate(loop, limit + 1, true)).isEqualTo(new Rule.Verdict.Passes());
  }

  @Test
  void evaluate_costsNoMoreThanTheLimit_asDocumented() {
    assertThat(evaluate("true", 1, true)).isEqualTo(new Rule.Verdict.Passes());
    assertThat(evaluate("true", 0, true))
        .isEqualTo(new Rule.Verdict.Undecided("it costs more than 0"));
  }

  @Test
  void ruleSet_none_hasNoRules() {
    assertThat(RuleSet.none().rules()).isEmpty();
  }

  @Test
  void evaluate_aLongTextCostsMoreThanAShortOne() {
    assertThat(evaluate("'" + "x".repeat(20) + "' != ''", 40, true))
        .isEqualTo(new Rule.Verdict.Passes());
    assertThat(evaluate("'" + "x".repeat(2000) + "' != ''", 40, true))
        .isEqualTo(new Rule.Verdict.Undecided("it costs more than 40"));
  }
}
