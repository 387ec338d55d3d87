package dev.countersign.policy.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.JoinFacts;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.testkit.CsrForge;
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
  private static final PolicyConfig CONFIG =
      PolicyConfig.defaults()
          .withInventory(
              Optional.of(
                  new Inventory(
                      List.of(
                          new InventorySource.File("file", "/x"),
                          InventorySource.Machines.ofClusterApi("no bootstrapper"),
                          SOURCE),
                      Inventory.Combine.ANY,
                      false)));
  private static final CsrForge WORKER = CsrForge.client("worker-1");

  static CsrSpec by(CsrForge forge) {
    return by(forge, MADE.plusSeconds(3600));
  }

  static CsrSpec by(CsrForge forge, Instant created) {
    return request(forge, created, USER, GROUPS);
  }

  private static CsrSpec request(CsrForge forge, Instant created, String user, Set<String> groups) {
    return JoinRequests.of(
        "uid-1", created, user, groups, List.of("digital signature", "client auth"), forge.pem());
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

  private static JoinFacts facts(
      Optional<NodeNameReservation> claim, Fact<List<Machine>> machines) {
    return new JoinFacts(
        NOW,
        Fact.known(Optional.empty()),
        Fact.known(claim),
        Fact.known(new NodePresence.Absent()),
        Fact.unknown("no inventory"),
        Fact.unknown("no attestation"),
        machines);
  }

  static Decision decide(CsrSpec request, List<Machine> machines) {
    return ClientPolicy.of(CONFIG, JoinConfig.DEFAULT)
        .decide(request, facts(Optional.empty(), Fact.known(machines)));
  }

  private static Set<Reason> reasons(Decision decision) {
    return switch (decision) {
      case Decision.Approve _, Decision.Ignore _ -> Set.of();
      case Decision.Deny(List<Violation> violations) ->
          Set.copyOf(violations.stream().map(Violation::reason).toList());
      case Decision.Defer(List<Violation> violations) ->
          Set.copyOf(violations.stream().map(Violation::reason).toList());
    };
  }

  @Test
  void oneNewMachineOfThatName_joins_andItsNameIsTaken() {
    Machine machine = machine("a", "WORKER-1.");
    Decision decision =
        decide(
            by(WORKER), List.of(machine("b", "worker-2"), machine, joined("c", "x", "worker-1")));

    assertThat(decision)
        .isInstanceOfSatisfying(
            Decision.Approve.class,
            admit -> {
              assertThat(admit.records().grant()).isEmpty();
              assertThat(admit.records().claim())
                  .hasValueSatisfying(
                      claim -> {
                        assertThat(claim.by()).isEqualTo("Machine \"infra/a\"");
                        assertThat(claim.node()).isEqualTo("worker-1");
                        assertThat(claim.at()).isEqualTo(NOW);
                        assertThat(NodeNameReservation.fromData(claim.toData())).isEqualTo(claim);
                      });
            });
    assertThat(decide(by(WORKER, MADE.minusSeconds(10)), List.of(machine)))
        .isInstanceOf(Decision.Approve.class);
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
    CsrSpec first = by(WORKER);
    List<Machine> machines = List.of(machine("a", "worker-1"));
    Optional<NodeNameReservation> claim =
        decide(first, machines) instanceof Decision.Approve admit
            ? admit.records().claim()
            : Optional.empty();
    ClientPolicy policy = ClientPolicy.of(CONFIG, JoinConfig.DEFAULT);
    JoinFacts facts = facts(claim, Fact.known(machines));

    assertThat(policy.decide(first, facts))
        .isEqualTo(new Decision.Approve(Worlds.nodeName("worker-1"), List.of()));
    CsrSpec other =
        JoinRequests.of(
            "uid-2",
            first.created(),
            USER,
            GROUPS,
            first.usages(),
            CsrForge.client("worker-1").withKey(anotherKey()).pem());
    assertThat(reasons(policy.decide(other, facts))).containsExactly(Reason.NAME_CLAIMED);
  }

  @Test
  void unknownMachines_areWaitedFor() {
    assertThat(
            reasons(
                ClientPolicy.of(CONFIG, JoinConfig.DEFAULT)
                    .decide(by(WORKER), facts(Optional.empty(), Fact.unknown("403")))))
        .containsExactly(Reason.FACT_UNKNOWN);
  }

  @Test
  void otherAccounts_joinNothing() {
    List<Machine> machines = List.of(machine("a", "worker-1"));
    for (CsrSpec request :
        List.of(
            request(WORKER, MADE, "system:serviceaccount:mco:node-bootstrapper2", GROUPS),
            request(WORKER, MADE, "system:serviceaccount:default:node-bootstrapper", GROUPS),
            request(WORKER, MADE, USER, Set.of("system:serviceaccounts:default")))) {
      assertThat(reasons(decide(request, machines))).containsExactly(Reason.REQUESTER);
    }
    assertThat(
            reasons(
                ClientPolicy.of(PolicyConfig.defaults(), JoinConfig.DEFAULT)
                    .decide(by(WORKER), facts(Optional.empty(), Fact.known(machines)))))
        .containsExactly(Reason.REQUESTER);
  }

  @Test
  void nodeThatIsThere_isNotJoinedAgain() {
    JoinFacts facts = facts(Optional.empty(), Fact.known(List.of(machine("a", "worker-1"))));
    JoinFacts present =
        new JoinFacts(
            facts.now(),
            facts.grant(),
            facts.claim(),
            Fact.known(new NodePresence.Present(Optional.of(NOW))),
            facts.listed(),
            facts.attestation(),
            facts.machines());
    assertThat(reasons(ClientPolicy.of(CONFIG, JoinConfig.DEFAULT).decide(by(WORKER), present)))
        .containsExactly(Reason.NODE_TAKEN);
  }

  @Test
  void formOfTheRequest_isJudgedAsOfEveryOther() {
    assertThat(
            reasons(
                decide(
                    by(CsrForge.client("worker-1").withDns("worker-1")),
                    List.of(machine("a", "worker-1")))))
        .containsExactly(Reason.ALTERNATIVE_NAMES);
  }

  /** What a request holds never makes an explanation fail, not even facts of no use to it. */
  @Test
  void requestThatNamesNoNode_isExplained() {
    CsrSpec nameless = by(CsrForge.client("Not A Name"));
    JoinFacts facts =
        new JoinFacts(
            NOW,
            Fact.known(Optional.empty()),
            Fact.known(Optional.empty()),
            Fact.known(new NodePresence.Absent()),
            Fact.known(false),
            Fact.unknown("no attestation"),
            Fact.known(List.of(machine("m", "worker-1"))));

    assertThat(ClientPolicy.of(CONFIG, JoinConfig.DEFAULT).explain(nameless, facts).outcome())
        .isEqualTo(new Explanation.Outcome.Deny());
  }

  @Test
  void malformed_isStillDenied() {
    CsrSpec malformed =
        JoinRequests.of(
            "uid-1", MADE, USER, GROUPS, List.of("digital signature", "client auth"), "nothing");
    assertThat(reasons(decide(malformed, List.of(machine("a", "worker-1")))))
        .containsExactly(Reason.REQUEST_MALFORMED);
  }
}
