package dev.countersign.policy.explain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.explain.Explanation.CheckResult;
import dev.countersign.policy.explain.Explanation.Outcome;
import dev.countersign.policy.explain.Explanation.Verdict;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.JoinFacts;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.ClientPolicy;
import dev.countersign.policy.join.JoinConfig;
import dev.countersign.policy.join.JoinRequests;
import dev.countersign.policy.join.NodePattern;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.testkit.CsrForge;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class JoinExplanationTest {
  private static final Instant NOW = Instant.parse("2026-11-22T01:00:00Z");
  private static final TokenId TOKEN = TokenId.parse("abc123");
  private static final PolicyConfig DEFAULTS = PolicyConfig.defaults();
  private static final Fact<AccessReview> ALLOWED = Fact.known(new AccessReview.Allowed());
  private static final Fact<AccessReview> REFUSED = Fact.known(new AccessReview.Refused(""));

  private static CsrSpec request(String username, String group, CsrForge forge) {
    return JoinRequests.of(
        "uid-1",
        NOW.minusSeconds(5),
        username,
        new LinkedHashSet<>(List.of(group)),
        List.of("digital signature", "client auth"),
        forge.pem());
  }

  private static CsrSpec join(CsrForge forge) {
    return request("system:bootstrap:abc123", "system:bootstrappers", forge);
  }

  private static CsrSpec renewal(CsrForge forge) {
    return request("system:node:worker-1", "system:nodes", forge);
  }

  private static JoinFacts facts(String nodes, boolean inventory) {
    BootstrapTokenGrant grant =
        new BootstrapTokenGrant(
            TOKEN,
            List.of(NodePattern.parse(nodes)),
            OptionalInt.of(1),
            Optional.empty(),
            Optional.of(NOW.plusSeconds(3600)),
            false,
            inventory,
            false,
            List.of());
    return new JoinFacts(
        NOW,
        Fact.known(Optional.of(grant)),
        Fact.known(Optional.empty()),
        Fact.known(new NodePresence.Absent()),
        Fact.unknown("no inventory"),
        Fact.unknown("no attestation"),
        Fact.unknown("no Machines"));
  }

  private static Explanation strict(CsrSpec request, JoinFacts facts) {
    return ClientPolicy.of(DEFAULTS, JoinConfig.DEFAULT).explain(request, facts);
  }

  private static Explanation byControllerManager(
      CsrSpec csr, Fact<AccessReview> self, Fact<AccessReview> any) {
    return ControllerManagerExplanation.of(csr, strict(csr, JoinFacts.none(NOW)), self, any);
  }

  private static Verdict verdict(Explanation explanation, String check) {
    return result(explanation, check).verdict();
  }

  private static CheckResult result(Explanation explanation, String check) {
    return explanation.checks().stream()
        .filter(one -> one.check().equals(check))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void join_thatIsRight_passesEveryCheckThatConcernsIt() {
    Explanation explanation = strict(join(CsrForge.client("worker-1")), facts("worker-1", false));

    assertThat(explanation.outcome()).isEqualTo(new Outcome.Approve("worker-1"));
    assertThat(verdict(explanation, "TokenIsForNode")).isEqualTo(Verdict.PASSED);
    assertThat(verdict(explanation, "NodeIsListed")).isEqualTo(Verdict.OFF);
    assertThat(verdict(explanation, "RenewalIsOfOwnName")).isEqualTo(Verdict.OFF);
    assertThat(Texts.of(explanation)).contains("decision  approve for node worker-1");
  }

  @Test
  void join_ofAnotherNode_isDeniedByTheReasonAsItIsWrittenEverywhere() {
    Explanation explanation = strict(join(CsrForge.client("worker-1")), facts("worker-2", false));

    assertThat(explanation.outcome()).isEqualTo(new Outcome.Deny());
    assertThat(verdict(explanation, "TokenIsForNode")).isEqualTo(Verdict.VIOLATED);
    assertThat(Texts.of(explanation)).contains("TokenNotForNode").doesNotContain("TOKEN_NOT");
    assertThat(explanation.changes())
        .contains("TokenNotForNode: " + Reason.TOKEN_NOT_FOR_NODE.remedy());
  }

  @Test
  void inventoryThatIsNotThere_isUnknown_andHolds() {
    Explanation explanation = strict(join(CsrForge.client("worker-1")), facts("worker-1", true));

    assertThat(explanation.outcome()).isEqualTo(new Outcome.Defer());
    assertThat(verdict(explanation, "NodeIsListed")).isEqualTo(Verdict.UNKNOWN);
    assertThat(result(explanation, "NodeIsListed").findings()).hasSize(1);
  }

  @Test
  void grantThatCannotBeRead_isToldOnce() {
    JoinFacts known = facts("worker-1", false);
    Explanation explanation =
        strict(
            join(CsrForge.client("worker-1")),
            new JoinFacts(
                NOW,
                Fact.unknown("403"),
                known.claim(),
                known.presence(),
                known.listed(),
                known.attestation(),
                Fact.unknown("no Machines")));

    assertThat(explanation.outcome()).isEqualTo(new Outcome.Defer());
    assertThat(verdict(explanation, "TokenHasGrant")).isEqualTo(Verdict.UNKNOWN);
    assertThat(Texts.of(explanation)).containsOnlyOnce("FactUnknown\n");
  }

  @Test
  void malformedRequest_leavesNothingElseToLookAt() {
    CsrSpec request = join(CsrForge.client("worker-1"));
    Explanation explanation =
        strict(
            JoinRequests.of(
                request.uid(),
                NOW,
                request.requestor().username(),
                new LinkedHashSet<>(request.requestor().groups()),
                request.usages(),
                "nonsense"),
            facts("worker-1", false));

    assertThat(explanation.outcome()).isEqualTo(new Outcome.Deny());
    assertThat(verdict(explanation, "RequestIsReadable")).isEqualTo(Verdict.VIOLATED);
    assertThat(verdict(explanation, "UsagesAreExact")).isEqualTo(Verdict.PASSED);
  }

  @Test
  void withoutStrictJoin_aJoinNeedsNodeclient() {
    CsrSpec join = join(CsrForge.client("worker-1"));

    Explanation allowed = byControllerManager(join, REFUSED, ALLOWED);
    assertThat(allowed.word()).isEqualTo("ignore");
    assertThat(Texts.of(allowed))
        .contains("strict join is off, so kube-controller-manager decides, by RBAC: it approves it")
        .contains("off       cluster  SelfNodeClient");
    assertThat(allowed.against()).isEmpty();
    assertThat(allowed.findings()).isEmpty();
    assertThat(verdict(allowed, "NodeClient")).isEqualTo(Verdict.PASSED);

    Explanation refused = byControllerManager(join, ALLOWED, REFUSED);
    assertThat(Texts.of(refused))
        .contains("it leaves it pending for want of a right")
        .contains("certificatesigningrequests/nodeclient");
    assertThat(refused.against()).isEmpty();
    assertThat(verdict(refused, "NodeClient")).isEqualTo(Verdict.VIOLATED);
    assertThat(refused.findings())
        .singleElement()
        .extracting(Finding::reason, Finding::where)
        .containsExactly(
            "AccessRefused",
            "spec.username: got \"system:bootstrap:abc123\" may not; want the right to create"
                + " certificatesigningrequests/nodeclient.certificates.k8s.io");

    Explanation unknown = byControllerManager(join, REFUSED, Fact.unknown("not asked"));
    assertThat(verdict(unknown, "NodeClient")).isEqualTo(Verdict.UNKNOWN);
    assertThat(result(unknown, "NodeClient").findings())
        .extracting(Finding::where)
        .containsExactly("facts.access: got unknown: not asked; want known");
    assertThat(unknown.findings()).isEmpty();
  }

  @Test
  void withoutStrictJoin_aRenewalNeedsSelfnodeclient() {
    CsrSpec renewal = renewal(CsrForge.client("worker-1"));
    assertThat(Texts.of(byControllerManager(renewal, ALLOWED, REFUSED))).contains("it approves it");
    assertThat(
            Texts.of(byControllerManager(renewal(CsrForge.client("worker-2")), ALLOWED, REFUSED)))
        .contains("it leaves it pending for want of a right");
    assertThat(Texts.of(byControllerManager(renewal, Fact.unknown("not asked"), REFUSED)))
        .contains("rights that are not known here");
  }

  @Test
  void withoutStrictJoin_aWrongFormStaysPending_andSpeaksAgainstAnApprovalByHand() {
    Explanation explanation =
        byControllerManager(
            join(CsrForge.client("worker-1").withDns("worker-1")), ALLOWED, ALLOWED);
    assertThat(Texts.of(explanation)).contains("it leaves it pending for its form");
    assertThat(explanation.against())
        .extracting(Finding::reason)
        .containsExactly("AlternativeNames");
    assertThat(explanation.changes())
        .containsExactly("AlternativeNames: " + Reason.ALTERNATIVE_NAMES.remedy());
  }
}
