package dev.countersign.policy.ownership;

import static dev.countersign.policy.Worlds.dns;
import static dev.countersign.policy.Worlds.ip;
import static dev.countersign.policy.Worlds.nodeName;
import static dev.countersign.policy.Worlds.range;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.Ownership;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.fact.ProtectedSpace.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ObservationTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final IpAddress ADDRESS = ip("192.0.2.10");
  private static final NodeFact A = Worlds.node("node-a", "uid-a", Worlds.internal("192.0.2.10"));
  private static final NodeFact B =
      Worlds.labelled(
          Worlds.node("node-b", "uid-b", Worlds.internal("192.0.2.10")),
          "node-role.kubernetes.io/control-plane");

  private static Observation of(
      NameOrAddress claim, Fact<ProtectedSpace> space, OwnershipRecord entry, Guard guard) {
    return Observation.of(
        claim,
        List.of(A, B),
        ObservationTest::node,
        space,
        entry,
        PolicyConfig.defaults().withGuard(guard),
        NOW);
  }

  private static Observation of(NameOrAddress claim, ProtectedSpace.Builder space) {
    return of(claim, Fact.known(space.build()), OwnershipRecord.nothing(), Guard.defaults());
  }

  private static Optional<NodeFact> node(NodeName name) {
    return List.of(A, B).stream().filter(node -> node.name().equals(name)).findFirst();
  }

  private static Guard guard(boolean external, NodeName... controlPlane) {
    return new Guard(
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        external,
        Set.of(controlPlane),
        Guard.ClusterCidrs.defaults());
  }

  @Test
  void free_isForWhoeverClaimsIt() {
    assertThat(of(ADDRESS, ProtectedSpace.builder()))
        .isEqualTo(
            new Observation(
                List.of(ReportingNode.of(A), ReportingNode.of(B)), Optional.empty(), true, NOW));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SERVICE_SHORT_NAME")
  void addressOfTheCluster_isForNobody_butTheApiServersForItsNodes(Kind kind) {
    Observation seen = of(ADDRESS, ProtectedSpace.builder().address(ADDRESS, kind, "test"));

    assertThat(seen.recordable()).isEqualTo(kind == Kind.API_SERVER);
    assertThat(seen.claimants().contains(ReportingNode.of(A))).isEqualTo(kind != Kind.API_SERVER);
    assertThat(seen.claimants()).contains(ReportingNode.of(B));
  }

  @Test
  void addressInAPodRange_isForNobody() {
    assertThat(
            of(
                    ADDRESS,
                    ProtectedSpace.builder()
                        .podRanges(nodeName("node-b"), List.of(range("192.0.2.0/24"))))
                .recordable())
        .isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"POD_RANGE", "SERVICE_EXTERNAL"})
  void whatUsersAndKubeletsCanClaim_isForWhoHeldItBefore(Kind kind) {
    ProtectedSpace.Builder space = ProtectedSpace.builder().address(ADDRESS, kind, "test");
    OwnershipRecord heldByA = OwnershipRecord.nothing().settle(ReportingNode.of(A), NOW);
    OwnershipRecord leftByA =
        new OwnershipRecord(new OwnershipRecord.State.Left(A.name(), NOW), List.of(), 0);
    OwnershipRecord heldByC =
        OwnershipRecord.nothing().settle(new ReportingNode(nodeName("node-c"), "uid-c"), NOW);

    for (OwnershipRecord of : List.of(heldByA, leftByA)) {
      assertThat(of(ADDRESS, Fact.known(space.build()), of, Guard.defaults()).recordable())
          .isTrue();
    }
    assertThat(of(ADDRESS, Fact.known(space.build()), heldByC, Guard.defaults()).recordable())
        .isFalse();
  }

  /** Pods of the Service's namespace reach it by this name; a Node may be called so, too. */
  @Test
  void shortNameOfAService_isForTheNodeThatIsCalledSo_orHeldItBefore() {
    ProtectedSpace.Builder space =
        ProtectedSpace.builder().service("prod", "node-a", List.of(), List.of(), List.of());
    Observation own = of(dns("node-a"), space);

    assertThat(own.recordable()).isTrue();
    assertThat(own.claimants()).containsExactly(ReportingNode.of(A));

    ProtectedSpace.Builder db =
        ProtectedSpace.builder().service("prod", "db", List.of(), List.of(), List.of());
    assertThat(of(dns("db"), db).recordable()).isFalse();
    assertThat(of(dns("db"), db).claimants()).isEmpty();
    OwnershipRecord heldByB = OwnershipRecord.nothing().settle(ReportingNode.of(B), NOW);
    Observation before = of(dns("db"), Fact.known(db.build()), heldByB, Guard.defaults());
    assertThat(before.recordable()).isTrue();
    assertThat(before.claimants()).containsExactly(ReportingNode.of(B));
  }

  /** Of another domain, its status may name any short name. */
  @Test
  void shortNameOfAService_isNotForANodeThatOnlySaysItIsCalledSo() {
    NodeFact liar = named("worker-3.corp.example", 0);
    Fact<ProtectedSpace> db =
        Fact.known(
            ProtectedSpace.builder()
                .service("prod", "db", List.of(), List.of(), List.of())
                .build());

    Observation seen =
        Observation.of(
            dns("db"),
            List.of(liar),
            _ -> Optional.empty(),
            db,
            OwnershipRecord.nothing(),
            PolicyConfig.defaults(),
            NOW);

    assertThat(seen.recordable()).isFalse();
    assertThat(seen.claimants()).isEmpty();
  }

  @Test
  void without_theNodeThatIsCalledSo_itIsNobodysOwnName() {
    NodeFact own = named("node-a.corp.example", 10);
    NodeFact other = named("node-a", 11);
    Observation seen =
        seen(
            "node-a.corp.example",
            OwnershipRecord.nothing(),
            PolicyConfig.defaults(),
            List.of(own),
            other);

    assertThat(seen.without(Set.of(own.name())))
        .isEqualTo(new Observation(List.of(ReportingNode.of(other)), Optional.empty(), true, NOW));
    assertThat(seen.without(Set.of(other.name())))
        .isEqualTo(
            new Observation(
                List.of(ReportingNode.of(own)), Optional.of(ReportingNode.of(own)), true, NOW));
  }

  @Test
  void podRange_countsAsFarAsThePolicyBelievesIt() {
    Fact<ProtectedSpace> wide =
        Fact.known(
            ProtectedSpace.builder()
                .podRanges(nodeName("node-c"), List.of(range("192.0.2.0/23")))
                .build());
    Guard defaults = Guard.defaults();

    assertThat(of(ADDRESS, wide, OwnershipRecord.nothing(), defaults).recordable()).isTrue();
    assertThat(
            of(
                    ADDRESS,
                    wide,
                    OwnershipRecord.nothing(),
                    defaults.withCidrs(new Guard.ClusterCidrs(List.of(), List.of(), 23, 64)))
                .recordable())
        .isFalse();
  }

  @Test
  void guard_saysWhoHasTheApiServersAddress_andWhetherExternalOnesAreFree() {
    Fact<ProtectedSpace> apiServer =
        Fact.known(
            ProtectedSpace.builder().address(ADDRESS, Kind.API_SERVER, "EndpointSlice").build());
    Fact<ProtectedSpace> external =
        Fact.known(
            ProtectedSpace.builder().address(ADDRESS, Kind.SERVICE_EXTERNAL, "Service").build());

    assertThat(of(ADDRESS, apiServer, OwnershipRecord.nothing(), guard(true, A.name())).claimants())
        .containsExactlyInAnyOrder(ReportingNode.of(A), ReportingNode.of(B));
    assertThat(of(ADDRESS, external, OwnershipRecord.nothing(), guard(false)).recordable())
        .isTrue();
    assertThat(of(ADDRESS, external, OwnershipRecord.nothing(), guard(true)).recordable())
        .isFalse();
  }

  @Test
  void unknownSpace_isForNobody() {
    assertThat(
            of(ADDRESS, Fact.unknown("not listed"), OwnershipRecord.nothing(), guard(false))
                .recordable())
        .isFalse();
  }

  /** Seen of a name while these Nodes exist, of which the named ones have it in their status. */
  private static Observation seen(
      String name,
      OwnershipRecord entry,
      PolicyConfig config,
      List<NodeFact> all,
      NodeFact... naming) {
    return Observation.of(
        dns(name),
        List.of(naming),
        wanted -> all.stream().filter(node -> node.name().equals(wanted)).findFirst(),
        Fact.known(ProtectedSpace.builder().build()),
        entry,
        config,
        NOW);
  }

  private static NodeFact born(NodeFact node, int second) {
    return new NodeFact(
        node.name(),
        node.uid(),
        NOW.plusSeconds(second),
        node.addresses(),
        node.podRanges(),
        node.conditions(),
        node.labels());
  }

  private static NodeFact named(String name, int second) {
    return born(Worlds.node(name, "uid-" + name), second);
  }

  @Test
  void nodeThatIsCalledSo_claimsItsNameWithoutItsStatus() {
    PolicyConfig config = PolicyConfig.defaults();
    NodeFact own = named("node-a", 0);

    assertThat(seen("node-a", OwnershipRecord.nothing(), config, List.of(own)).claimants())
        .containsExactly(ReportingNode.of(own));
    assertThat(seen("node-z", OwnershipRecord.nothing(), config, List.of(own)).claimants())
        .isEmpty();
  }

  @Test
  void nodeThatIsCalledSo_wasFirst_onlyWhereItIsOlderThanEveryOtherClaimant() {
    PolicyConfig config = PolicyConfig.defaults();
    NodeFact own = named("node-a.corp.example", 10);
    NodeFact younger = named("node-a", 11);
    NodeFact sameSecond = named("node-a", 10);
    NodeFact older = named("node-a", 9);

    assertThat(
            seen("node-a.corp.example", OwnershipRecord.nothing(), config, List.of(own), younger))
        .satisfies(
            seen -> {
              assertThat(seen.namesake()).contains(ReportingNode.of(own));
              assertThat(seen.claimants())
                  .containsExactly(ReportingNode.of(own), ReportingNode.of(younger));
            });
    for (NodeFact other : List.of(sameSecond, older)) {
      Observation seen =
          seen("node-a.corp.example", OwnershipRecord.nothing(), config, List.of(own), other);
      assertThat(seen.namesake()).isEmpty();
      assertThat(seen.claimants())
          .containsExactlyInAnyOrder(ReportingNode.of(other), ReportingNode.of(own));
    }
  }

  /** worker-3 says that it is worker-7, which has not joined yet. */
  @Test
  void nameOfASibling_isNoClaim_unlessItIsOnRecordForTheNodeOrThePolicySaysSo() {
    PolicyConfig config = PolicyConfig.defaults();
    NodeFact liar = named("worker-3", 0);
    ReportingNode claimant = ReportingNode.of(liar);
    OwnershipRecord assigned = OwnershipRecord.nothing().settle(claimant, NOW);
    Ownership ownership = config.ownership();
    PolicyConfig anyName =
        config.withOwnership(
            new Ownership(
                true,
                Set.of(),
                List.of(),
                ownership.reclaim(),
                Ownership.SiblingNames.FIRST_CLAIM,
                ownership.perNode()));

    assertThat(seen("worker-7", OwnershipRecord.nothing(), config, List.of(liar), liar).claimants())
        .isEmpty();
    assertThat(seen("worker-7", assigned, config, List.of(liar), liar).claimants())
        .containsExactly(claimant);
    assertThat(
            seen("worker-7", OwnershipRecord.nothing(), anyName, List.of(liar), liar).claimants())
        .containsExactly(claimant);
  }

  @Test
  void siblings_haveTheSameDomain_andAnotherHost() {
    assertThat(ReportedAddresses.isSibling(nodeName("worker-3"), dns("worker-7"))).isTrue();
    assertThat(ReportedAddresses.isSibling(nodeName("w3.example.com"), dns("w7.example.com")))
        .isTrue();
    for (String own : List.of("w3", "w3.example.com", "w3.example.net")) {
      assertThat(ReportedAddresses.isSibling(nodeName("w3"), dns(own))).isFalse();
      assertThat(ReportedAddresses.isSibling(nodeName("w3.example.com"), dns(own))).isFalse();
    }
    assertThat(ReportedAddresses.isSibling(nodeName("w3"), dns("w7.example.com"))).isFalse();
    assertThat(ReportedAddresses.isSibling(nodeName("w3.example.com"), dns("w7"))).isFalse();
    assertThat(
            ReportedAddresses.isSibling(
                nodeName("ip-10-0-0-7.ec2.internal"), dns("ec2-1.amazonaws.com")))
        .isFalse();
  }
}
