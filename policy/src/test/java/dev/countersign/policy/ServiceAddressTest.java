package dev.countersign.policy;

import static dev.countersign.policy.Worlds.hostname;
import static dev.countersign.policy.Worlds.internal;
import static dev.countersign.policy.Worlds.ip;
import static dev.countersign.policy.Worlds.node;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import dev.countersign.testkit.CsrForge;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * An address that a Service publishes: whoever can create a Service can name any address, so that
 * alone must not take it from the Node that holds it; what the policy file protects is nobody's.
 */
class ServiceAddressTest {
  private static final String PUBLISHED = "198.51.100.7";
  private static final PolicyConfig DEFAULTS = PolicyConfig.defaults();
  private static final NodeFact NODE =
      node(
          Requests.NODE,
          Worlds.UID,
          hostname(Requests.NODE),
          internal("192.0.2.10"),
          internal(PUBLISHED));
  private static final Requests REQUEST =
      Requests.of(CsrForge.client(Requests.NODE).withIp(PUBLISHED));

  private static Facts held(AddressOwnership holding) {
    Map<NameOrAddress, AddressOwnership> holdings = Worlds.heldBy(NODE);
    holdings.put(ip(PUBLISHED), holding);
    return Worlds.of(NODE).withHoldings(Fact.known(holdings));
  }

  private static PolicyConfig guarded(boolean external, String... ranges) {
    return PolicyConfig.defaults()
        .withGuard(
            new Guard(
                DEFAULTS.guard().clusterDomains(),
                List.of(),
                List.of(),
                List.of(ranges).stream().map(Worlds::range).toList(),
                external,
                Set.of(),
                Guard.ClusterCidrs.defaults()));
  }

  private static List<Reason> reasons(Decision decision) {
    return decision.violations().stream().map(Violation::reason).toList();
  }

  @Test
  void nodeThatHoldsIt_keepsIt() {
    Facts facts = held(new AddressOwnership.HeldBy(NODE.name(), Worlds.UID, Requests.NOW));

    assertThat(Policy.decide(REQUEST.csr(), facts, DEFAULTS)).isInstanceOf(Decision.Approve.class);
  }

  @Test
  void nodeThatDoesNotHoldIt_cannotGetIt() {
    for (AddressOwnership holding :
        List.of(
            new AddressOwnership.Unclaimed(),
            new AddressOwnership.HeldBy(NODE.name(), "another life", Requests.NOW),
            new AddressOwnership.HeldBy(Worlds.nodeName("node-b"), Worlds.UID, Requests.NOW))) {
      Decision decision = Policy.decide(REQUEST.csr(), held(holding), DEFAULTS);

      assertThat(decision).as("%s", holding).isInstanceOf(Decision.Defer.class);
      assertThat(reasons(decision)).contains(Reason.SAN_PROTECTED_BY_CLUSTER);
    }
  }

  @Test
  void whereThePolicyIgnoresThem_onlyTheHolderCounts() {
    Decision decision =
        Policy.decide(REQUEST.csr(), held(new AddressOwnership.Unclaimed()), guarded(false));

    assertThat(reasons(decision)).containsExactly(Reason.ADDRESS_CLAIM_UNRECORDED);
  }

  @Test
  void poolThatThePolicyProtects_isNotEvenTheHolders() {
    Facts facts = held(new AddressOwnership.HeldBy(NODE.name(), Worlds.UID, Requests.NOW));
    Decision decision = Policy.decide(REQUEST.csr(), facts, guarded(true, "198.51.100.0/24"));

    assertThat(decision).isInstanceOf(Decision.Deny.class);
    assertThat(reasons(decision)).containsExactly(Reason.PROTECTED_BY_POLICY);
  }

  private static Facts withoutRanges() {
    return Worlds.of(NODE)
        .withProtectedSpace(
            Fact.known(
                Worlds.cluster()
                    .serviceRangesUnknown(
                        new ServiceRangesUnknown("none to be had", Optional.empty()))
                    .build()));
  }

  @Test
  void anyAddress_mayBeAServices_whereTheirRangeIsNotKnown() {
    Decision decision =
        Policy.decide(Requests.valid().csr(), withoutRanges(), PolicyConfig.defaults());

    assertThat(decision).isInstanceOf(Decision.Defer.class);
    assertThat(reasons(decision)).containsExactly(Reason.SERVICE_RANGE_UNKNOWN);
    assertThat(decision.violations().getFirst().message())
        .contains("none to be had")
        .contains("protected.serviceCIDRs");
  }

  @Test
  void address_outsideOfTheWidestRangeThereCanBe_isNoServices() {
    ServiceRangesUnknown elsewhere =
        new ServiceRangesUnknown("none", Optional.of(Worlds.range("203.0.113.0/24")));
    Facts facts =
        Worlds.of(NODE)
            .withProtectedSpace(
                Fact.known(Worlds.cluster().serviceRangesUnknown(elsewhere).build()));

    assertThat(Policy.decide(Requests.valid().csr(), facts, DEFAULTS))
        .isInstanceOf(Decision.Approve.class);
  }

  @Test
  void range_thatThePolicyNames_isKnown() {
    PolicyConfig named =
        PolicyConfig.defaults()
            .withGuard(
                Guard.defaults()
                    .withCidrs(
                        new Guard.ClusterCidrs(
                            List.of(), List.of(Worlds.range("10.96.0.0/12")), 24, 64)));

    assertThat(Policy.decide(Requests.valid().csr(), withoutRanges(), named))
        .isInstanceOf(Decision.Approve.class);
  }

  @Test
  void address_thatAnInventoryGivesTheNode_isNoServices() {
    PolicyConfig config =
        PolicyConfig.defaults()
            .withInventory(
                Optional.of(
                    new Inventory(
                        List.of(new InventorySource.File("cmdb", "f")),
                        Inventory.Combine.ANY,
                        false)));
    InventoryEntry range =
        new InventoryEntry(
            Set.of(Worlds.dns(Requests.NODE)), Set.of(), List.of(Worlds.range("192.0.2.0/24")));
    InventoryEntry exact =
        new InventoryEntry(Set.of(Worlds.dns(Requests.NODE)), Set.of(ip("192.0.2.10")), List.of());

    assertThat(
            Policy.decide(
                Requests.valid().csr(),
                withoutRanges().withInventory(Map.of("cmdb", Fact.known(Optional.of(exact)))),
                config))
        .isInstanceOf(Decision.Approve.class);
    assertThat(
            reasons(
                Policy.decide(
                    Requests.valid().csr(),
                    withoutRanges().withInventory(Map.of("cmdb", Fact.known(Optional.of(range)))),
                    config)))
        .containsExactly(Reason.SERVICE_RANGE_UNKNOWN);
  }
}
