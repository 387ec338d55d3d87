package dev.countersign.policy.property;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.ParseResult;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Requests;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.Finding;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.TestKeys;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.NameAttribute;
import dev.countersign.x509.request.SubjectAltName;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Properties of the decision. Generators are seeded and plain: what fails, fails again, and no
 * engine besides JUnit's has to be understood to see why.
 */
class DecisionPropertyTest {
  private static final Policy POLICY = Policy.of(PolicyConfig.defaults());

  /** A fault in the request, and the reason that it must add. */
  private record Fault(Reason reason, UnaryOperator<CsrForge> change) {}

  private static final List<Fault> FAULTS =
      List.of(
          new Fault(Reason.SAN_TYPE_NOT_ALLOWED, forge -> forge.withUri("spiffe://a/b")),
          new Fault(Reason.SAN_TYPE_NOT_ALLOWED, forge -> forge.withEmail("a@example.com")),
          new Fault(Reason.DNS_WILDCARD, forge -> forge.withDns("*.example.com")),
          new Fault(Reason.DNS_IS_ADDRESS, forge -> forge.withDns("10.0.0.1")),
          new Fault(Reason.NAME_RESERVED, forge -> forge.withDns("kubernetes.default.svc")),
          new Fault(Reason.IP_SPECIAL, forge -> forge.withIp("127.0.0.1")),
          new Fault(Reason.CA_REQUESTED, CsrForge::withAuthorityConstraint),
          new Fault(Reason.POSSESSION_NOT_PROVEN, CsrForge::withBrokenSignature),
          new Fault(
              Reason.SUBJECT_ATTRIBUTE_UNEXPECTED,
              forge ->
                  forge.plusSubject(
                      new CsrForge.Rdn(CsrForge.OU, CsrForge.Text.PRINTABLE, "unit"))));

  private static final List<UnaryOperator<Facts>> CLUSTER_FAULTS =
      List.of(
          facts -> facts.withNode(Fact.unknown("down")),
          facts -> facts.withNode(Fact.known(Optional.empty())),
          facts -> facts.withHoldings(Fact.known(Map.of())),
          facts -> facts.withHoldings(Fact.unknown("down")),
          facts -> facts.withProtectedSpace(Fact.unknown("down")));

  private static Set<Reason> reasons(Decision decision) {
    return decision.violations().stream()
        .map(Violation::reason)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Reason.class)));
  }

  private static Decision decide(CsrForge forge, Facts facts) {
    return POLICY.decide(Requests.of(forge).csr(), facts);
  }

  @Test
  void moreFaults_neverTurnADenialIntoSomethingElse_andLoseNoReason() {
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      CsrForge forge = CsrForge.serving(Requests.NODE);
      Set<Reason> before = EnumSet.noneOf(Reason.class);
      List<Reason> added = new ArrayList<>();
      for (int step = 0; step < 4; step++) {
        Fault fault = FAULTS.get(random.nextInt(FAULTS.size()));
        forge = fault.change().apply(forge);
        added.add(fault.reason());
        Decision decision = decide(forge, Worlds.honest());

        assertThat(decision).as("%s", added).isInstanceOf(Decision.Deny.class);
        assertThat(reasons(decision)).as("%s", added).containsAll(before).contains(fault.reason());
        before = reasons(decision);
      }
    }
  }

  @Test
  void facts_neverRescueARefusedRequest_norLetADoubtfulOnePass() {
    Random random = new Random(2);
    for (int i = 0; i < 100; i++) {
      Facts facts = Worlds.honest();
      for (int step = random.nextInt(3); step >= 0; step--) {
        facts = CLUSTER_FAULTS.get(random.nextInt(CLUSTER_FAULTS.size())).apply(facts);
        assertThat(decide(CsrForge.serving(Requests.NODE), facts))
            .as("%s", facts)
            .isInstanceOf(Decision.Defer.class);
      }
      Fault fault = FAULTS.get(random.nextInt(FAULTS.size()));
      assertThat(decide(fault.change().apply(CsrForge.serving(Requests.NODE)), facts))
          .isInstanceOf(Decision.Deny.class);
    }
  }

  @Test
  void decision_ofTheSameArguments_isTheSame() {
    for (Fault fault : FAULTS) {
      Requests request = Requests.of(fault.change().apply(CsrForge.serving(Requests.NODE)));
      Decision first = POLICY.decide(request.csr(), Worlds.honest());

      assertThat(POLICY.decide(request.csr(), Worlds.honest())).isEqualTo(first);
      assertThat(POLICY.decide(POLICY.preflight(request.csr()), Worlds.honest())).isEqualTo(first);
      Explanation explanation = POLICY.explain(request.csr(), Worlds.honest());
      assertThat(explanation.outcome())
          .isEqualTo(Explanation.of("csr-1", first, List.of()).outcome());
      assertThat(explanation.findings())
          .isEqualTo(first.violations().stream().map(Finding::of).toList());
    }
  }

  @Test
  void forgedRequest_readsBackAsForged() {
    Random random = new Random(3);
    for (int i = 0; i < 100; i++) {
      String node = "n" + Integer.toString(random.nextInt(100_000), 36);
      CsrForge forge = CsrForge.client(node).withKey(key(random));
      List<SubjectAltName> expected = new ArrayList<>();
      for (int names = random.nextInt(5); names > 0; names--) {
        String name = node + "-" + names + ".example.com";
        forge = forge.withDns(name);
        expected.add(new SubjectAltName.Dns(name));
      }
      CertificateRequest request =
          switch (CertificateRequest.parsePem(forge.pem())) {
            case ParseResult.Parsed<CertificateRequest>(CertificateRequest read) -> read;
            case ParseResult.Refused<CertificateRequest> malformed ->
                throw new AssertionError(malformed.message());
          };

      assertThat(request.subject().values(NameAttribute.COMMON_NAME))
          .containsExactly("system:node:" + node);
      assertThat(request.sans()).isEqualTo(expected);
      assertThat(request.key().spki().toByteArray())
          .isEqualTo(forge.keys().getPublic().getEncoded());
      assertThat(CertificateRequest.parseDer(request.der())).isEqualTo(ParseResult.parsed(request));
    }
  }

  private static KeyPair key(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> TestKeys.p256();
      case 1 -> TestKeys.p384();
      default -> TestKeys.ed25519();
    };
  }

  @Test
  void anyBytes_getADecision_andNeverAnApproval() {
    Random random = new Random(4);
    byte[] valid = CsrForge.serving(Requests.NODE).der();
    for (int i = 0; i < 3000; i++) {
      byte[] bytes;
      if (random.nextBoolean()) {
        bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
      } else {
        bytes = valid.clone();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      String pem = CsrForge.pem("CERTIFICATE REQUEST", bytes);

      assertThat(POLICY.decide(Requests.ofPem(pem).csr(), Worlds.honest()))
          .as(pem)
          .isInstanceOf(Decision.Deny.class);
    }
  }
}
