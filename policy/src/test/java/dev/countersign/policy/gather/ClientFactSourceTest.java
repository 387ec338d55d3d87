package dev.countersign.policy.gather;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Requests;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.JoinFacts;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.JoinConfig;
import dev.countersign.policy.join.JoinRequests;
import dev.countersign.policy.join.NodeNameReservation;
import dev.countersign.policy.join.NodePattern;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.testkit.CsrForge;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each fact about a join is looked up by what the request says of it, and kept in its place. */
class ClientFactSourceTest {
  private static final TokenId TOKEN = TokenId.parse("abc123");
  private static final Policy POLICY =
      Policy.ofClients(PolicyConfig.defaults(), JoinConfig.DEFAULT);

  /** Answers that let worker-1 join, and what was asked. */
  private static final class LookUps implements JoinLookUps {
    private final List<Object> asked = new ArrayList<>();

    @Override
    public Instant now() {
      return Requests.NOW;
    }

    @Override
    public Fact<Optional<BootstrapTokenGrant>> grant(TokenId token) {
      asked.add(token);
      return Fact.known(
          Optional.of(
              new BootstrapTokenGrant(
                  TOKEN,
                  List.of(NodePattern.parse("worker-1")),
                  OptionalInt.of(1),
                  Optional.empty(),
                  Optional.of(Requests.NOW.plusSeconds(60)),
                  false,
                  true,
                  true,
                  List.of())));
    }

    @Override
    public Fact<Optional<NodeNameReservation>> claim(NodeName node) {
      asked.add("claim of " + node);
      return Fact.known(Optional.empty());
    }

    @Override
    public Fact<NodePresence> presence(NodeName node) {
      asked.add("presence of " + node);
      return Fact.known(new NodePresence.Absent());
    }

    @Override
    public Fact<Boolean> listed(NodeName node) {
      asked.add("listed " + node);
      return Fact.known(true);
    }

    @Override
    public Fact<AttestationVerdict> attestation() {
      asked.add("attestation");
      return Fact.known(new AttestationVerdict.Attested("worker-1", Optional.empty()));
    }

    @Override
    public Fact<List<Machine>> machines(InventorySource.Machines source) {
      asked.add("machines");
      return Fact.known(List.of());
    }
  }

  private static CsrSpec request(String user, String group) {
    return JoinRequests.of(
        "uid-1",
        Requests.NOW,
        user,
        Set.of(group),
        List.of("digital signature", "client auth"),
        CsrForge.client("worker-1").pem());
  }

  private static Facts lookUp(FactKind kind, CsrSpec csr, LookUps lookUps) {
    ClientFactSource source = new ClientFactSource(lookUps);
    return source.lookUp(
        kind, source.begin(), POLICY.takenApart(csr).orElseThrow(), POLICY.config());
  }

  @Test
  void join_looksUpWhatItsGrantAsksFor_ofItsTokenAndItsNode() {
    LookUps lookUps = new LookUps();
    Decision decision =
        FactGatherer.decide(
            POLICY,
            request("system:bootstrap:abc123", "system:bootstrappers"),
            new ClientFactSource(lookUps));

    assertThat(decision)
        .isInstanceOfSatisfying(
            Decision.Approve.class,
            approval ->
                assertThat(approval.records().claim().orElseThrow().at()).isEqualTo(Requests.NOW));
    assertThat(lookUps.asked)
        .containsExactlyInAnyOrder(
            TOKEN, "claim of worker-1", "presence of worker-1", "listed worker-1", "attestation");
  }

  @Test
  void renewal_hasNoTokenAndNoMachines() {
    CsrSpec renewal = request("system:node:worker-1", "system:nodes");
    LookUps lookUps = new LookUps();
    JoinFacts none = JoinFacts.none(Requests.NOW);

    assertThat(lookUp(FactKind.GRANT, renewal, lookUps).join()).isEqualTo(none);
    assertThat(lookUp(FactKind.MACHINES, renewal, lookUps).join()).isEqualTo(none);
    assertThat(lookUps.asked).isEmpty();
  }

  @Test
  void factsOfServingCertificates_areNotLookedUp() {
    CsrSpec join = request("system:bootstrap:abc123", "system:bootstrappers");
    Facts begin = new ClientFactSource(new LookUps()).begin();

    assertThat(lookUp(FactKind.NODE, join, new LookUps())).isEqualTo(begin);
    assertThat(lookUp(FactKind.SERVED, join, new LookUps())).isEqualTo(begin);
  }
}
