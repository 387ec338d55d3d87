package dev.countersign.policy.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.testkit.CsrForge;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.RequestParse;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A ServiceAccount that joins nodes as Machines. */
class MachineJoinTest {
  static final Instant MADE = Instant.parse("2026-11-22T00:30:00Z");

  private static final Instant NOW = Instant.parse("2026-11-22T01:00:00Z");
  private static final String USER = "system:serviceaccount:mco:node-bootstrapper";
  private static final Set<String> GROUPS =
      Set.of("system:serviceaccounts", "system:serviceaccounts:mco", "system:authenticated");
  private static final InventorySource.Machines SOURCE =
      new InventorySource.Machines(
          "machines",
          "machine.openshift.io",
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(
              new InventorySource.Bootstrapper("mco", "other", Duration.ofHours(5)),
              new InventorySource.Bootstrapper("mco", "node-bootstrapper", Duration.ofHours(1))));
  private static final JoinConfig CONFIG =
      JoinConfig.DEFAULT.withMachines(
          Optional.of(
              new PolicyConfig.Inventory(
                  List.of(
                      new InventorySource.File("file", "/x"),
                      InventorySource.Machines.ofClusterApi("no bootstrapper"),
                      SOURCE),
                  PolicyConfig.Combine.ANY,
                  false)));
  private static final CsrForge WORKER = CsrForge.client("worker-1");

  static JoinRequest by(CsrForge forge) {
    return by(forge, MADE.plusSeconds(3600));
  }

  static JoinRequest by(CsrForge forge, Instant created) {
    return request(forge, created, USER, GROUPS);
  }

  private static JoinRequest request(
      CsrForge forge, Instant created, String user, Set<String> groups) {
    return new JoinRequest(
        "uid-1",
        created,
        user,
        groups,
        List.of("digital signature", "client auth"),
        CertificateRequest.parsePem(forge.pem()));
  }

  private static Machine machine(String name, String address, Optional<NodeName> node) {
    return new Machine(
        "infra/" + name,
        MADE,
        node,
        new InventoryEntry(Set.of(DnsName.of(address)), Set.of(), List.of()));
  }

  static Machine machine(String name, String address) {
    return machine(name, address, Optional.empty());
  }

  static Machine joined(String name, String address, String node) {
    return machine(name, address, NodeName.parse(node));
  }

  private static JoinFacts facts(Optional<NameClaim> claim, Known<List<Machine>> machines) {
    return new JoinFacts(
            NOW,
            Known.of(Optional.empty()),
            Known.of(claim),
            Known.of(new NodePresence.Absent()),
            Known.unknown("no inventory"),
            Known.unknown("no attestation"))
        .withMachines(machines);
  }

  static JoinDecision decide(JoinRequest request, List<Machine> machines) {
    return new StrictJoin(CONFIG).decide(request, facts(Optional.empty(), Known.of(machines)));
  }

  private static Set<JoinReason> reasons(JoinDecision decision) {
    return switch (decision) {
      case JoinDecision.Admit _, JoinDecision.Renew _ -> Set.of();
      case JoinDecision.Deny(List<JoinViolation> violations) ->
          Set.copyOf(violations.stream().map(JoinViolation::reason).toList());
      case JoinDecision.Hold(List<JoinViolation> violations) ->
          Set.copyOf(violations.stream().map(JoinViolation::reason).toList());
    };
  }

  @Test
  void oneNewMachineOfThatName_joins_andItsNameIsTaken() {
    Machine machine = machine("a", "WORKER-1.");
    JoinDecision decision =
        decide(
            by(WORKER), List.of(machine("b", "worker-2"), machine, joined("c", "x", "worker-1")));

    assertThat(decision)
        .isInstanceOfSatisfying(
            JoinDecision.Admit.class,
            admit -> {
              assertThat(admit.grant()).isEmpty();
              assertThat(admit.claim())
                  .hasValueSatisfying(
                      claim -> {
                        assertThat(claim.by()).isEqualTo("Machine \"infra/a\"");
                        assertThat(claim.node()).isEqualTo("worker-1");
                        assertThat(claim.at()).isEqualTo(NOW);
                        assertThat(NameClaim.fromData(claim.toData())).isEqualTo(claim);
                      });
            });
    assertThat(decide(by(WORKER, MADE.minusSeconds(10)), List.of(machine)))
        .isInstanceOf(JoinDecision.Admit.class);
  }

  private static KeyPair anotherKey() {
    try {
      return KeyPairGenerator.getInstance("EC").generateKeyPair();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK makes EC keys", e);
    }
  }

  @Test
  void nameThatAMachineTook_isForItsKeyAlone() {
    JoinRequest first = by(WORKER);
    List<Machine> machines = List.of(machine("a", "worker-1"));
    Optional<NameClaim> claim =
        decide(first, machines) instanceof JoinDecision.Admit admit
            ? admit.claim()
            : Optional.empty();
    StrictJoin policy = new StrictJoin(CONFIG);
    JoinFacts facts = facts(claim, Known.of(machines));

    assertThat(policy.decide(first, facts))
        .isEqualTo(new JoinDecision.Admit("worker-1", Optional.empty(), Optional.empty()));
    JoinRequest other =
        new JoinRequest(
            "uid-2",
            first.createdAt(),
            USER,
            GROUPS,
            first.usages(),
            CertificateRequest.parsePem(CsrForge.client("worker-1").withKey(anotherKey()).pem()));
    assertThat(reasons(policy.decide(other, facts))).containsExactly(JoinReason.NAME_CLAIMED);
  }

  @Test
  void unknownMachines_areWaitedFor() {
    assertThat(
            reasons(
                new StrictJoin(CONFIG)
                    .decide(by(WORKER), facts(Optional.empty(), Known.unknown("403")))))
        .containsExactly(JoinReason.FACT_UNKNOWN);
  }

  @Test
  void otherAccounts_joinNothing() {
    List<Machine> machines = List.of(machine("a", "worker-1"));
    for (JoinRequest request :
        List.of(
            request(WORKER, MADE, "system:serviceaccount:mco:node-bootstrapper2", GROUPS),
            request(WORKER, MADE, "system:serviceaccount:default:node-bootstrapper", GROUPS),
            request(WORKER, MADE, USER, Set.of("system:serviceaccounts:default")))) {
      assertThat(reasons(decide(request, machines))).containsExactly(JoinReason.REQUESTER);
    }
    assertThat(
            reasons(
                new StrictJoin(JoinConfig.DEFAULT)
                    .decide(by(WORKER), facts(Optional.empty(), Known.of(machines)))))
        .containsExactly(JoinReason.REQUESTER);
  }

  @Test
  void nodeThatIsThere_isNotJoinedAgain() {
    JoinFacts facts = facts(Optional.empty(), Known.of(List.of(machine("a", "worker-1"))));
    JoinFacts present =
        new JoinFacts(
            facts.now(),
            facts.grant(),
            facts.claim(),
            Known.of(new NodePresence.Present(Optional.of(NOW))),
            facts.inInventory(),
            facts.attestation(),
            facts.machines());
    assertThat(reasons(new StrictJoin(CONFIG).decide(by(WORKER), present)))
        .containsExactly(JoinReason.NODE_TAKEN);
  }

  @Test
  void formOfTheRequest_isJudgedAsOfEveryOther() {
    assertThat(
            reasons(
                decide(
                    by(CsrForge.client("worker-1").withDns("worker-1")),
                    List.of(machine("a", "worker-1")))))
        .containsExactly(JoinReason.ALTERNATIVE_NAMES);
  }

  @Test
  void malformed_isStillDenied() {
    JoinRequest malformed =
        new JoinRequest(
            "uid-1",
            MADE,
            USER,
            GROUPS,
            List.of("digital signature", "client auth"),
            new RequestParse.Malformed("pem", "nothing", "a request"));
    assertThat(reasons(decide(malformed, List.of(machine("a", "worker-1")))))
        .containsExactly(JoinReason.REQUEST_UNREADABLE);
  }
}
