package dev.countersign.policy.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import dev.countersign.policy.Given;
import dev.countersign.policy.SignerReasons;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.JoinFacts;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.TestKeys;
import dev.countersign.x509.request.CertificateRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One valid join and one valid renewal, and each with exactly one fault. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StrictJoinTest {
  private static final Instant NOW = Instant.parse("2026-11-22T01:00:00Z");
  private static final TokenId TOKEN = TokenId.parse("abc123");
  private static final List<String> USAGES = List.of("digital signature", "client auth");

  private final ClientPolicy policy = ClientPolicy.of(PolicyConfig.defaults(), JoinConfig.DEFAULT);
  private final CsrForge worker = CsrForge.client("worker-1");

  private static ParseResult<CertificateRequest> parsed(CsrForge forge) {
    return CertificateRequest.parsePem(forge.pem());
  }

  private CsrSpec join(CsrForge forge) {
    return JoinRequests.of(
        "uid-1",
        NOW.minusSeconds(5),
        "system:bootstrap:abc123",
        Set.of("system:bootstrappers", "system:authenticated"),
        USAGES,
        forge.pem());
  }

  private CsrSpec renewal(String node, CsrForge forge) {
    return JoinRequests.of(
        "uid-2",
        NOW.minusSeconds(5),
        "system:node:" + node,
        Set.of("system:nodes", "system:authenticated"),
        USAGES,
        forge.pem());
  }

  private static BootstrapTokenGrant grant() {
    return Grants.singleUse(TOKEN, NodePattern.parse("worker-1"), NOW.plusSeconds(3600));
  }

  private static BootstrapTokenGrant withFlags(boolean inventory, boolean attestation) {
    return new BootstrapTokenGrant(
        TOKEN,
        List.of(NodePattern.parse("worker-1")),
        OptionalInt.of(1),
        Optional.empty(),
        Optional.of(NOW.plusSeconds(3600)),
        false,
        inventory,
        attestation,
        List.of());
  }

  private static JoinFacts facts(BootstrapTokenGrant grant) {
    return new JoinFacts(
        NOW,
        Fact.known(Optional.of(grant)),
        Fact.known(Optional.empty()),
        Fact.known(new NodePresence.Absent()),
        Fact.unknown("no inventory"),
        Fact.unknown("no attestation"),
        Fact.unknown("no Machines"));
  }

  private static JoinFacts with(JoinFacts facts, NodeNameReservation claim) {
    return new JoinFacts(
        facts.now(),
        facts.grant(),
        Fact.known(Optional.of(claim)),
        facts.presence(),
        facts.listed(),
        facts.attestation(),
        facts.machines());
  }

  private static JoinFacts with(JoinFacts facts, NodePresence node) {
    return new JoinFacts(
        facts.now(),
        facts.grant(),
        facts.claim(),
        Fact.known(node),
        facts.listed(),
        facts.attestation(),
        facts.machines());
  }

  private static JoinFacts inventory(JoinFacts facts, Fact<Boolean> listed) {
    return new JoinFacts(
        facts.now(),
        facts.grant(),
        facts.claim(),
        facts.presence(),
        listed,
        facts.attestation(),
        facts.machines());
  }

  private static JoinFacts attestation(JoinFacts facts, AttestationVerdict verdict) {
    return new JoinFacts(
        facts.now(),
        facts.grant(),
        facts.claim(),
        facts.presence(),
        facts.listed(),
        Fact.known(verdict),
        facts.machines());
  }

  private Join otherJoin(Instant at) {
    return new Join("worker-1", "uid-9", "0".repeat(64), at);
  }

  private String key() {
    return ((Decision.Approve) policy.decide(join(worker), facts(grant())))
        .records()
        .claim()
        .flatMap(NodeNameReservation::taken)
        .orElseThrow()
        .keySha256();
  }

  @Test
  void key_isTheDigestOfTheSubjectPublicKeyInfo() throws NoSuchAlgorithmException {
    if (!(parsed(worker)
        instanceof ParseResult.Parsed<CertificateRequest>(CertificateRequest request))) {
      throw new AssertionError("not a request");
    }
    byte[] spki = request.key().spki().toByteArray();
    assertThat(key())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(spki)));
  }

  private static Set<Reason> reasons(Decision decision) {
    List<Violation> violations =
        switch (decision) {
          case Decision.Deny(List<Violation> found) -> found;
          case Decision.Defer(List<Violation> found) -> found;
          case Decision.Approve _, Decision.Ignore _ -> List.of();
        };
    EnumSet<Reason> reasons = EnumSet.noneOf(Reason.class);
    violations.forEach(violation -> reasons.add(violation.reason()));
    return reasons;
  }

  @Test
  void join_boundTokenFreeName_admittedWithBothRecordsToWrite() {
    Decision decision = policy.decide(join(worker), facts(grant()));
    assertThat(decision).isInstanceOf(Decision.Approve.class);
    Decision.Approve admit = (Decision.Approve) decision;
    assertThat(admit.node().text()).isEqualTo("worker-1");
    assertThat(admit.records().grant().orElseThrow().usesLeft()).hasValue(0);
    assertThat(admit.records().grant().orElseThrow().joins().getFirst().requestUid())
        .isEqualTo("uid-1");
    assertThat(admit.records().claim().orElseThrow())
        .isEqualTo(
            new NodeNameReservation.Held(
                TOKEN, admit.records().grant().orElseThrow().joins().getFirst()));
  }

  @Test
  void join_grantWithoutCountAndEnd_admitted() {
    BootstrapTokenGrant reusable =
        new BootstrapTokenGrant(
            TOKEN,
            List.of(NodePattern.parse("worker-1")),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            false,
            false,
            List.of());
    assertThat(policy.decide(join(worker), facts(reusable))).isInstanceOf(Decision.Approve.class);
  }

  @Test
  void join_usageSets_bothOfKubelets() {
    CsrSpec rsa =
        JoinRequests.of(
            "uid-1",
            NOW,
            "system:bootstrap:abc123",
            Set.of("system:bootstrappers"),
            List.of("key encipherment", "digital signature", "client auth"),
            worker.pem());
    assertThat(policy.decide(rsa, facts(grant()))).isInstanceOf(Decision.Approve.class);
  }

  @Test
  void join_recordedButNotApproved_admittedWithNothingLeftToWrite() {
    Decision.Approve first = (Decision.Approve) policy.decide(join(worker), facts(grant()));
    JoinFacts afterCrash =
        with(facts(first.records().grant().orElseThrow()), first.records().claim().orElseThrow());
    assertThat(policy.decide(join(worker), afterCrash))
        .isEqualTo(new Decision.Approve(Worlds.nodeName("worker-1"), List.of()));
    assertThat(policy.decide(join(worker), afterCrash.withPresence(Fact.unknown("not looked up"))))
        .as("the name is its own by now, whether or not there is a Node")
        .isInstanceOf(Decision.Approve.class);
  }

  @Test
  void join_useRecordedClaimNot_admittedWithTheClaimToWrite() {
    Decision.Approve first = (Decision.Approve) policy.decide(join(worker), facts(grant()));
    Decision.Approve second =
        (Decision.Approve)
            policy.decide(join(worker), facts(first.records().grant().orElseThrow()));
    assertThat(second.records().grant()).isEmpty();
    assertThat(second.records().claim()).isPresent();
  }

  @Test
  void join_sameKeyAgain_givesNothingNewAndIsAdmitted() {
    BootstrapTokenGrant used =
        grant().with(new Join("worker-1", "uid-0", key(), NOW.minusSeconds(60)));
    Decision decision = policy.decide(join(worker), facts(used));
    assertThat(decision).isInstanceOf(Decision.Approve.class);
    assertThat(((Decision.Approve) decision).records().grant()).isEmpty();
  }

  /** The disk of a node that was deleted holds its key, and the token it joined with. */
  @Test
  void join_keyAndUsedTokenOfARevokedNode_denied() {
    BootstrapTokenGrant used =
        grant().with(new Join("worker-1", "uid-0", key(), NOW.minusSeconds(60)));
    JoinFacts revoked =
        with(facts(used), new NodeNameReservation.Revoked("worker-1", NOW.minusSeconds(30)));
    assertThat(reasons(policy.decide(join(worker), revoked))).containsExactly(Reason.TOKEN_USED_UP);
  }

  @Test
  void join_keyAndUsedTokenOfANodeThatWasReplaced_denied() {
    BootstrapTokenGrant used =
        grant().with(new Join("worker-1", "uid-0", key(), NOW.minusSeconds(7200)));
    JoinFacts replaced =
        with(
            facts(used),
            new NodeNameReservation.Held(
                TokenId.parse("zzz999"), otherJoin(NOW.minusSeconds(3600))));
    assertThat(reasons(policy.decide(join(worker), replaced)))
        .containsExactly(Reason.TOKEN_USED_UP);
  }

  @Test
  void join_useRecordedAfterTheRevocation_admittedWithTheClaimToWrite() {
    BootstrapTokenGrant used =
        grant().with(new Join("worker-1", "uid-1", key(), NOW.minusSeconds(30)));
    JoinFacts crashed =
        with(facts(used), new NodeNameReservation.Revoked("worker-1", NOW.minusSeconds(60)));
    Decision decision = policy.decide(join(worker), crashed);
    assertThat(decision).isInstanceOf(Decision.Approve.class);
    assertThat(((Decision.Approve) decision).records().grant()).isEmpty();
    assertThat(((Decision.Approve) decision).records().claim()).isPresent();
  }

  @Test
  void join_useRecordedButClaimUnreadable_heldNotDenied() {
    BootstrapTokenGrant used =
        grant().with(new Join("worker-1", "uid-1", key(), NOW.minusSeconds(30)));
    JoinFacts facts = facts(used);
    JoinFacts unknown =
        new JoinFacts(
            NOW,
            facts.grant(),
            Fact.unknown("no answer"),
            facts.presence(),
            facts.listed(),
            facts.attestation(),
            Fact.unknown("no Machines"));
    assertThat(policy.decide(join(worker), unknown)).isInstanceOf(Decision.Defer.class);
  }

  /** The Node of a machine that was replaced is still silent; its successor has a certificate. */
  @Test
  void join_silentNodeWhoseNameAnotherJoinTook_denied() {
    JoinFacts silent =
        with(
            facts(grant()), new NodePresence.Present(Optional.of(NOW.minus(Duration.ofHours(99)))));
    JoinFacts taken =
        with(
            silent,
            new NodeNameReservation.Held(
                TokenId.parse("zzz999"), otherJoin(NOW.minus(Duration.ofHours(71)))));
    assertThat(reasons(policy.decide(join(worker), taken))).containsExactly(Reason.NODE_TAKEN);
    JoinFacts expired =
        with(
            silent,
            new NodeNameReservation.Held(
                TokenId.parse("zzz999"), otherJoin(NOW.minus(Duration.ofHours(73)))));
    assertThat(policy.decide(join(worker), expired)).isInstanceOf(Decision.Approve.class);
  }

  @Test
  void join_grantOfAnotherToken_held() {
    BootstrapTokenGrant other =
        Grants.singleUse(
            TokenId.parse("zzz999"), NodePattern.parse("worker-1"), NOW.plusSeconds(3600));
    Decision decision = policy.decide(join(worker), facts(other));
    assertThat(decision).isInstanceOf(Decision.Defer.class);
    assertThat(reasons(decision)).containsExactly(Reason.FACT_UNKNOWN);
  }

  @Test
  void join_nodeSilentForLongerThanAnyCertificateLasts_admitted() {
    JoinFacts silent =
        with(
            facts(grant()), new NodePresence.Present(Optional.of(NOW.minus(Duration.ofHours(73)))));
    assertThat(policy.decide(join(worker), silent)).isInstanceOf(Decision.Approve.class);
  }

  @Test
  void join_nodeSilentForExactlyAsLong_denied() {
    JoinFacts silent =
        with(facts(grant()), new NodePresence.Present(Optional.of(NOW.minus(Duration.ofDays(3)))));
    assertThat(reasons(policy.decide(join(worker), silent))).containsExactly(Reason.NODE_TAKEN);
  }

  /** A grant may allow a rejoin; a denial must not rest on what could not be read. */
  @Test
  void join_nodeIsThere_heldWhileTheGrantIsUnknown_thenDenied() {
    JoinFacts there =
        with(facts(grant()), new NodePresence.Present(Optional.of(NOW.minusSeconds(30))));
    Decision unknown = policy.decide(join(worker), there.withGrant(Fact.unknown("no answer")));
    Decision known = policy.decide(join(worker), there);

    assertThat(unknown).isInstanceOf(Decision.Defer.class);
    assertThat(reasons(unknown)).containsExactly(Reason.FACT_UNKNOWN);
    assertThat(known).isInstanceOf(Decision.Deny.class);
    assertThat(known.violations())
        .extracting(Violation::got)
        .containsExactly("a Node of this name, in contact at " + NOW.minusSeconds(30));
  }

  /** A revocation is no sign of life: only a certificate that was given is. */
  @Test
  void join_silentNodeWhoseNameWasRevokedLately_admitted() {
    JoinFacts silent =
        with(
            facts(grant()), new NodePresence.Present(Optional.of(NOW.minus(Duration.ofHours(73)))));
    assertThat(
            policy.decide(
                join(worker), with(silent, new NodeNameReservation.Revoked("worker-1", NOW))))
        .isInstanceOf(Decision.Approve.class);
  }

  @Test
  void join_nodeWithoutALease_deniedAndSaysSo() {
    Decision decision =
        policy.decide(
            join(worker), with(facts(grant()), new NodePresence.Present(Optional.empty())));
    assertThat(((Decision.Deny) decision).violations())
        .extracting(Violation::got)
        .containsExactly("a Node of this name, which has no Lease in kube-node-lease");
  }

  @ParameterizedTest
  @EnumSource(
      value = CsrForge.Text.class,
      names = {"UTF8", "PRINTABLE", "NUMERIC"},
      mode = EnumSource.Mode.EXCLUDE)
  void join_subjectOfAnotherStringType_denied(CsrForge.Text type) {
    CsrForge forged =
        worker.withSubject(
            new CsrForge.Rdn(CsrForge.O, type, "system:nodes"),
            new CsrForge.Rdn(CsrForge.CN, CsrForge.Text.UTF8, "system:node:worker-1"));
    assertThat(reasons(policy.decide(join(forged), facts(grant()))))
        .containsExactly(Reason.SUBJECT_STRING_TYPE);
  }

  @Test
  void nodeName_upTo253Characters() {
    String longest = ("a".repeat(63) + ".").repeat(3) + "a".repeat(61);
    JoinFacts facts = facts(Grants.singleUse(TOKEN, NodePattern.parse(longest), NOW));
    assertThat(policy.decide(join(CsrForge.client(longest)), facts))
        .isInstanceOf(Decision.Approve.class);
    assertThat(reasons(policy.decide(join(CsrForge.client(longest + "a")), facts)))
        .containsExactly(Reason.NODE_NAME_SYNTAX);
  }

  @Test
  void join_rejoinAllowed_liveNodeReplaced() {
    BootstrapTokenGrant rejoin =
        new BootstrapTokenGrant(
            TOKEN,
            List.of(NodePattern.parse("worker-1")),
            OptionalInt.of(1),
            Optional.empty(),
            Optional.empty(),
            true,
            false,
            false,
            List.of());
    JoinFacts live = with(facts(rejoin), new NodePresence.Present(Optional.of(NOW)));
    assertThat(policy.decide(join(worker), live)).isInstanceOf(Decision.Approve.class);
  }

  @Test
  void join_staleClaimWithoutNode_replaced() {
    JoinFacts stale =
        with(
            facts(grant()),
            new NodeNameReservation.Held(
                TokenId.parse("zzz999"), otherJoin(NOW.minus(Duration.ofMinutes(15)))));
    assertThat(policy.decide(join(worker), stale)).isInstanceOf(Decision.Approve.class);
  }

  @Test
  void join_revokedName_newTokenTakesIt() {
    JoinFacts revoked = with(facts(grant()), new NodeNameReservation.Revoked("worker-1", NOW));
    Decision decision = policy.decide(join(worker), revoked);
    assertThat(((Decision.Approve) decision).records().claim()).isPresent();
  }

  @Test
  void join_attestedForNodeAndKey_admitted() {
    JoinFacts attested =
        attestation(
            facts(withFlags(false, true)),
            new AttestationVerdict.Attested("worker-1", Optional.of(key())));
    assertThat(policy.decide(join(worker), attested)).isInstanceOf(Decision.Approve.class);
  }

  @Test
  void renewal_ownName_renewed() {
    assertThat(policy.decide(renewal("worker-1", worker), facts(grant())))
        .isEqualTo(new Decision.Approve(Worlds.nodeName("worker-1"), List.of()));
  }

  @Test
  void renewal_nodeThatJoinedBeforeStrictJoin_renewed() {
    JoinFacts noRecords =
        new JoinFacts(
            NOW,
            Fact.known(Optional.empty()),
            Fact.known(Optional.empty()),
            Fact.known(new NodePresence.Absent()),
            Fact.unknown("none"),
            Fact.unknown("none"),
            Fact.unknown("no Machines"));
    assertThat(policy.decide(renewal("worker-1", worker), noRecords))
        .isEqualTo(new Decision.Approve(Worlds.nodeName("worker-1"), List.of()));
  }

  /** Every reason, each by one fault in an otherwise valid request. */
  @Test
  void decide_eachFault_exactlyItsReason() {
    Map<Reason, List<Supplier<Decision>>> faults = new EnumMap<>(Reason.class);
    faults.put(
        Reason.REQUEST_MALFORMED, List.of(() -> policy.decide(joinRaw("nothing"), facts(grant()))));
    faults.put(
        Reason.POSSESSION_NOT_PROVEN,
        List.of(() -> policy.decide(join(worker.withBrokenSignature()), facts(grant()))));
    faults.put(
        Reason.REQUEST_TOO_LARGE,
        List.of(
            () -> policy.decide(joinRaw(worker.pem() + "\n".repeat(16 * 1024)), facts(grant()))));
    faults.put(
        Reason.SIGNATURE_ALGORITHM_NOT_ALLOWED,
        List.of(
            () -> policy.decide(join(worker.withSignature("SHA1withECDSA")), facts(grant())),
            () ->
                policy.decide(
                    join(worker.withKey(TestKeys.rsa(2048)).withSignature("SHA1withRSA")),
                    facts(grant())),
            () ->
                policy.decide(
                    renewal("worker-1", worker.withSignature("SHA1withECDSA")), facts(grant()))));
    faults.put(
        Reason.KEY_ALGORITHM_NOT_ALLOWED,
        List.of(
            () ->
                ClientPolicy.of(
                        Given.policy("keys: {algorithms: [RSA, Ed25519]}"), JoinConfig.DEFAULT)
                    .decide(join(worker), facts(grant()))));
    faults.put(
        Reason.KEY_SIZE_NOT_ALLOWED,
        List.of(
            () -> policy.decide(join(worker.withKey(TestKeys.rsa(1024))), facts(grant())),
            () ->
                policy.decide(
                    renewal("worker-1", worker.withKey(TestKeys.rsa(1024))), facts(grant()))));
    faults.put(
        Reason.KEY_KNOWN_WEAK,
        List.of(
            () ->
                policy.decide(
                    join(worker.withKey(TestKeys.rsaOfExponentThree())), facts(grant()))));
    faults.put(
        Reason.EXPIRATION_OUT_OF_BOUNDS,
        List.of(
            () ->
                policy.decide(
                    JoinRequests.of(
                        "uid-1",
                        NOW.minusSeconds(5),
                        "system:bootstrap:abc123",
                        Set.of("system:bootstrappers"),
                        USAGES,
                        Optional.of(Duration.ofDays(400)),
                        worker.pem()),
                    facts(grant()))));
    faults.put(
        Reason.SUBJECT_COMMON_NAME_NOT_EXACT,
        List.of(
            () ->
                policy.decide(
                    join(
                        worker.plusSubject(
                            new CsrForge.Rdn(
                                CsrForge.CN, CsrForge.Text.UTF8, "system:node:worker-2"))),
                    facts(grant())),
            () ->
                policy.decide(
                    join(
                        worker.withSubject(
                            new CsrForge.Rdn(CsrForge.O, CsrForge.Text.UTF8, "system:nodes"),
                            new CsrForge.Rdn(CsrForge.CN, CsrForge.Text.UTF8, "worker-1"))),
                    facts(grant()))));
    faults.put(
        Reason.SUBJECT_ORGANIZATION_NOT_EXACT,
        List.of(
            () ->
                policy.decide(
                    join(
                        worker.plusSubject(
                            new CsrForge.Rdn(CsrForge.O, CsrForge.Text.UTF8, "system:masters"))),
                    facts(grant()))));
    faults.put(
        Reason.SUBJECT_ATTRIBUTE_UNEXPECTED,
        List.of(
            () ->
                policy.decide(
                    join(
                        worker.withRdns(
                            List.of(
                                List.of(
                                    new CsrForge.Rdn(
                                        CsrForge.O, CsrForge.Text.UTF8, "system:nodes"),
                                    new CsrForge.Rdn(
                                        CsrForge.CN,
                                        CsrForge.Text.UTF8,
                                        "system:node:worker-1"))))),
                    facts(grant())),
            () ->
                policy.decide(
                    join(
                        worker.plusSubject(new CsrForge.Rdn(CsrForge.OU, CsrForge.Text.UTF8, "x"))),
                    facts(grant()))));
    faults.put(
        Reason.SUBJECT_STRING_TYPE,
        List.of(
            () ->
                policy.decide(
                    join(
                        worker.withSubject(
                            new CsrForge.Rdn(CsrForge.O, CsrForge.Text.BMP, "system:nodes"),
                            new CsrForge.Rdn(
                                CsrForge.CN, CsrForge.Text.UTF8, "system:node:worker-1"))),
                    facts(grant()))));
    faults.put(
        Reason.NODE_NAME_SYNTAX,
        List.of(
            () -> policy.decide(join(CsrForge.client("Worker-1")), facts(grant())),
            () -> policy.decide(join(CsrForge.client("")), facts(grant()))));
    faults.put(
        Reason.ALTERNATIVE_NAMES,
        List.of(() -> policy.decide(join(worker.withDns("worker-1")), facts(grant()))));
    faults.put(
        Reason.EXTENSIONS,
        List.of(() -> policy.decide(join(worker.withAuthorityConstraint()), facts(grant()))));
    faults.put(
        Reason.USAGES_NOT_PERMITTED,
        List.of(
            () -> policy.decide(usages("digital signature"), facts(grant())),
            () ->
                policy.decide(
                    usages("digital signature", "client auth", "cert sign"), facts(grant())),
            () ->
                policy.decide(
                    usages("digital signature", "client auth", "client auth"), facts(grant())),
            () ->
                policy.decide(
                    usages("digital signature", "client auth", "server auth"), facts(grant()))));
    faults.put(
        Reason.RENEWAL_OF_ANOTHER_NAME,
        List.of(() -> policy.decide(renewal("worker-2", worker), facts(grant()))));
    faults.put(
        Reason.REQUESTER,
        List.of(
            () -> policy.decide(by("alice", Set.of("system:authenticated")), facts(grant())),
            () ->
                policy.decide(
                    by("system:bootstrap:abc123", Set.of("system:authenticated")), facts(grant())),
            () ->
                policy.decide(
                    by("system:node:worker-1", Set.of("system:authenticated")), facts(grant()))));
    faults.put(
        Reason.TOKEN_NOT_FOR_NODE,
        List.of(() -> policy.decide(join(CsrForge.client("worker-2")), facts(grant()))));
    faults.put(
        Reason.TOKEN_USED_UP,
        List.of(() -> policy.decide(join(worker), facts(grant().with(otherJoin(NOW))))));
    faults.put(
        Reason.TOKEN_WINDOW_OVER,
        List.of(
            () ->
                policy.decide(
                    join(worker),
                    facts(
                        Grants.singleUse(
                            TOKEN, NodePattern.parse("worker-1"), NOW.minusSeconds(6))))));
    faults.put(
        Reason.NODE_TAKEN,
        List.of(
            () ->
                policy.decide(
                    join(worker), with(facts(grant()), new NodePresence.Present(Optional.of(NOW)))),
            () ->
                policy.decide(
                    join(worker),
                    with(facts(grant()), new NodePresence.Present(Optional.empty())))));
    faults.put(
        Reason.NAME_REVOKED,
        List.of(
            () ->
                policy.decide(
                    renewal("worker-1", worker),
                    with(facts(grant()), new NodeNameReservation.Revoked("worker-1", NOW)))));
    faults.put(
        Reason.TOKEN_WITHOUT_GRANT,
        List.of(() -> policy.decide(join(worker), without(facts(grant())))));
    faults.put(
        Reason.TOKEN_WINDOW_NOT_OPEN,
        List.of(
            () ->
                policy.decide(
                    join(worker),
                    facts(
                        new BootstrapTokenGrant(
                            TOKEN,
                            List.of(NodePattern.parse("worker-1")),
                            OptionalInt.of(1),
                            Optional.of(NOW),
                            Optional.empty(),
                            false,
                            false,
                            false,
                            List.of())))));
    faults.put(
        Reason.NAME_CLAIMED,
        List.of(
            () ->
                policy.decide(
                    join(worker),
                    with(
                        facts(grant()),
                        new NodeNameReservation.Held(
                            TokenId.parse("zzz999"), otherJoin(NOW.minusSeconds(30)))))));
    faults.put(
        Reason.NOT_IN_INVENTORY,
        List.of(
            () ->
                policy.decide(
                    join(worker), inventory(facts(withFlags(true, false)), Fact.known(false)))));
    faults.put(
        Reason.MACHINE_MISSING,
        List.of(
            () -> MachineJoinTest.decide(MachineJoinTest.by(worker), List.of()),
            () ->
                MachineJoinTest.decide(
                    MachineJoinTest.by(worker),
                    List.of(
                        MachineJoinTest.machine("a", "worker-1"),
                        MachineJoinTest.machine("b", "worker-1")))));
    faults.put(
        Reason.MACHINE_JOINED,
        List.of(
            () ->
                MachineJoinTest.decide(
                    MachineJoinTest.by(worker),
                    List.of(MachineJoinTest.joined("a", "worker-1", "worker-0")))));
    faults.put(
        Reason.MACHINE_WINDOW,
        List.of(
            () ->
                MachineJoinTest.decide(
                    MachineJoinTest.by(worker, MachineJoinTest.MADE.minusSeconds(11)),
                    List.of(MachineJoinTest.machine("a", "worker-1"))),
            () ->
                MachineJoinTest.decide(
                    MachineJoinTest.by(worker, MachineJoinTest.MADE.plusSeconds(3601)),
                    List.of(MachineJoinTest.machine("a", "worker-1")))));
    faults.put(
        Reason.ATTESTATION,
        List.of(
            () ->
                policy.decide(
                    join(worker),
                    attestation(
                        facts(withFlags(false, true)),
                        new AttestationVerdict.Attested("worker-2", Optional.empty()))),
            () ->
                policy.decide(
                    join(worker),
                    attestation(
                        facts(withFlags(false, true)),
                        new AttestationVerdict.Attested("worker-1", Optional.of("0".repeat(64))))),
            () ->
                policy.decide(
                    join(worker),
                    attestation(
                        facts(withFlags(false, true)),
                        new AttestationVerdict.Refused("exp", "the past", "the future")))));
    faults.put(
        Reason.FACT_UNKNOWN,
        List.of(
            () -> policy.decide(join(worker), unknown(facts(grant()), 0)),
            () -> policy.decide(join(worker), unknown(facts(grant()), 1)),
            () -> policy.decide(join(worker), unknown(facts(grant()), 2)),
            () -> policy.decide(renewal("worker-1", worker), unknown(facts(grant()), 1)),
            () -> policy.decide(join(worker), facts(withFlags(true, false))),
            () -> policy.decide(join(worker), facts(withFlags(false, true)))));

    assertThat(faults.keySet()).isEqualTo(SignerReasons.client());
    List<String> wrong = new ArrayList<>();
    faults.forEach(
        (reason, decisions) ->
            decisions.forEach(
                supplier -> {
                  Decision decision = supplier.get();
                  boolean mustDeny = reason.evidence().isFinal();
                  if (!reasons(decision).equals(Set.of(reason))
                      || mustDeny != (decision instanceof Decision.Deny)) {
                    wrong.add(reason + ": " + decision);
                  }
                }));
    assertThat(wrong).isEmpty();
  }

  private CsrSpec joinRaw(String raw) {
    return JoinRequests.of(
        "uid-1",
        NOW.minusSeconds(5),
        "system:bootstrap:abc123",
        Set.of("system:bootstrappers"),
        USAGES,
        raw);
  }

  private CsrSpec usages(String... usages) {
    return JoinRequests.of(
        "uid-1",
        NOW.minusSeconds(5),
        "system:bootstrap:abc123",
        Set.of("system:bootstrappers"),
        List.of(usages),
        worker.pem());
  }

  private CsrSpec by(String username, Set<String> groups) {
    return JoinRequests.of("uid-1", NOW.minusSeconds(5), username, groups, USAGES, worker.pem());
  }

  private static JoinFacts without(JoinFacts facts) {
    return new JoinFacts(
        facts.now(),
        Fact.known(Optional.empty()),
        facts.claim(),
        facts.presence(),
        facts.listed(),
        facts.attestation(),
        facts.machines());
  }

  private static JoinFacts unknown(JoinFacts facts, int which) {
    return new JoinFacts(
        facts.now(),
        which == 0 ? Fact.unknown("503") : facts.grant(),
        which == 1 ? Fact.unknown("503") : facts.claim(),
        which == 2 ? Fact.unknown("503") : facts.presence(),
        facts.listed(),
        facts.attestation(),
        facts.machines());
  }
}
