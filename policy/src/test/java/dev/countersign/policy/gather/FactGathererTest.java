package dev.countersign.policy.gather;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.Given;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.Requests;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.Finding;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.testkit.CsrForge;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A decision and its explanation rest on the same facts, each looked up once. */
class FactGathererTest {
  private static final PolicyConfig CONFIG =
      Given.policy("subjectAccessReview: {}\nrenewal: {onChange: Defer}\n");
  private static final Policy POLICY = Policy.of(CONFIG);

  /** An honest world that refuses access, and says what it was asked for. */
  private static final class Source implements FactSource {
    private final List<FactKind> asked = new ArrayList<>();

    @Override
    public Facts begin() {
      return Facts.none();
    }

    @Override
    public Facts lookUp(FactKind kind, Facts facts, Preflight.Open open, PolicyConfig config) {
      asked.add(kind);
      Facts honest = Worlds.honest();
      return switch (kind) {
        case NODE -> facts.withNode(honest.node());
        case PROTECTED -> facts.withProtectedSpace(honest.protectedSpace());
        case HOLDINGS -> facts.withHoldings(honest.holdings());
        case PENDING -> facts.withNewerPending(honest.newerPending());
        case ACCESS -> facts.withAccess(Fact.known(new AccessReview.Refused("no rule")));
        case SERVED -> facts.withServed(Fact.known(Optional.empty()));
        default -> throw new AssertionError("not asked for by this policy: " + kind);
      };
    }
  }

  private static CsrSpec request(String dns) {
    return Requests.of(CsrForge.client(Requests.NODE).withDns(dns)).csr();
  }

  private static List<String> reasons(Explanation explanation) {
    return explanation.findings().stream().map(Finding::reason).toList();
  }

  @Test
  void explain_ofWhatIsHeldWithoutCalls_makesThem_andDecidesAsWithoutThem() {
    CsrSpec foreign = request("node-b");
    Source deciding = new Source();
    Source explaining = new Source();

    Decision decision = FactGatherer.decide(POLICY, foreign, deciding);
    Explanation explanation = FactGatherer.explain(POLICY, foreign, explaining);

    assertThat(deciding.asked).doesNotContain(FactKind.ACCESS, FactKind.SERVED);
    assertThat(Given.reasons(decision)).doesNotContain(Reason.FACT_UNKNOWN);
    assertThat(explaining.asked).contains(FactKind.ACCESS, FactKind.SERVED).doesNotHaveDuplicates();
    assertThat(reasons(explanation))
        .isEqualTo(decision.violations().stream().map(v -> v.reason().camelCase()).toList());
    assertThat(explanation.checks())
        .filteredOn(result -> result.check().equals("RequestorHasAccess"))
        .singleElement()
        .extracting(Explanation.CheckResult::verdict)
        .isEqualTo(Explanation.Verdict.VIOLATED);
  }

  @Test
  void explain_ofWhatTheRequestSettles_looksEverythingUp_andADecisionNothing() {
    CsrSpec denied = Requests.of(CsrForge.client(Requests.NODE).withDns("localhost")).csr();
    Source deciding = new Source();
    Source explaining = new Source();

    assertThat(FactGatherer.decide(POLICY, denied, deciding)).isInstanceOf(Decision.Deny.class);
    assertThat(FactGatherer.explain(POLICY, denied, explaining).outcome())
        .isInstanceOf(Explanation.Outcome.Deny.class);

    assertThat(deciding.asked).isEmpty();
    assertThat(explaining.asked).contains(FactKind.NODE, FactKind.ACCESS);
  }

  @Test
  void explain_ofAnotherSignersRequest_looksNothingUp_decidedOrNot() {
    Requests foreign = Requests.valid().withSigner("example.com/other");
    Source source = new Source();

    for (CsrSpec csr : List.of(foreign.csr(), foreign.withConditions("Approved").csr())) {
      assertThat(FactGatherer.explain(POLICY, csr, source).outcome())
          .isInstanceOf(Explanation.Outcome.Ignore.class);
    }
    assertThat(source.asked).isEmpty();
  }

  @Test
  void explain_ofWhatIsDecidedAlready_looksUpWhatTheChecksSee() {
    Source source = new Source();

    FactGatherer.explain(POLICY, Requests.valid().withConditions("Approved").csr(), source);

    assertThat(source.asked).contains(FactKind.NODE, FactKind.ACCESS);
  }

  @Test
  void decide_whereCallsMatter_makesEachOnce() {
    Source source = new Source();

    assertThat(Given.reasons(FactGatherer.decide(POLICY, request(Requests.NODE), source)))
        .contains(Reason.ACCESS_REFUSED);
    assertThat(source.asked).contains(FactKind.ACCESS).doesNotHaveDuplicates();
  }
}
