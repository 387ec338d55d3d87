package dev.countersign.policy;

import static dev.countersign.policy.decision.Reason.ADDRESS_CLAIM_UNRECORDED;
import static dev.countersign.policy.decision.Reason.ADDRESS_CONTESTED;
import static dev.countersign.policy.decision.Reason.FACT_UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.testkit.CsrForge;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What lets a Node have a name or address that the record does not give it. */
class SettlementTest {
  private static final String ADDRESS = "192.0.2.10";
  private static final PolicyConfig DEFAULTS = PolicyConfig.defaults();
  private static final Requests REQUEST =
      Requests.of(CsrForge.client(Requests.NODE).withDns(Requests.NODE).withIp(ADDRESS));
  private static final AddressOwnership CONTESTED =
      new AddressOwnership.Contested(List.of(Worlds.nodeName("node-a"), Worlds.nodeName("node-b")));

  private static List<Reason> reasons(Facts facts, PolicyConfig config) {
    return Given.reasons(Policy.decide(REQUEST.csr(), facts, config));
  }

  private static Fact<Optional<ServedCertificate>> served(String node, String at) {
    return Fact.known(
        Optional.of(
            new ServedCertificate(
                Worlds.nodeName(node),
                Worlds.ip(at),
                Set.of(Worlds.dns(Requests.NODE)),
                Set.of(Worlds.ip(ADDRESS)),
                Requests.NOW)));
  }

  @Test
  void certificateOfTheNode_servedAtTheContestedAddress_settlesIt() {
    Facts contested = Worlds.holding(Worlds.ip(ADDRESS), CONTESTED);

    assertThat(reasons(contested.withServed(served("node-a", ADDRESS)), DEFAULTS)).isEmpty();
    assertThat(reasons(contested.withServed(served("node-b", ADDRESS)), DEFAULTS))
        .containsExactly(ADDRESS_CONTESTED);
    assertThat(reasons(contested.withServed(served("node-a", "192.0.2.11")), DEFAULTS))
        .containsExactly(ADDRESS_CONTESTED);
    assertThat(reasons(contested.withServed(Fact.known(Optional.empty())), DEFAULTS))
        .containsExactly(ADDRESS_CONTESTED);
    assertThat(reasons(contested.withServed(Fact.unknown("no answer yet")), DEFAULTS))
        .as("what is on record, and what could settle it")
        .containsExactly(ADDRESS_CONTESTED, FACT_UNKNOWN);
    assertThat(
            reasons(
                contested.withServed(served("node-a", ADDRESS)),
                Given.policy("renewal: {resolveContested: false}\n")))
        .containsExactly(ADDRESS_CONTESTED);
  }

  @Test
  void certificateServed_givesNothingThatIsNotContested() {
    Facts unclaimed = Worlds.holding(Worlds.ip(ADDRESS), new AddressOwnership.Unclaimed());

    assertThat(reasons(unclaimed.withServed(served("node-a", ADDRESS)), DEFAULTS))
        .containsExactly(ADDRESS_CLAIM_UNRECORDED);
  }

  @Test
  void sharedNamesAndRanges_belongToAllThatClaimThem() {
    Facts address = Worlds.holding(Worlds.ip(ADDRESS), CONTESTED);
    Facts name = Worlds.holding(Worlds.dns(Requests.NODE), CONTESTED);
    PolicyConfig shared =
        Given.policy(
            """
            ownership:
              sharedNames: [node-a]
              sharedRanges: [198.51.100.0/24, 192.0.2.0/28]
            renewal: {resolveContested: false}
            """);

    assertThat(reasons(address, shared)).isEmpty();
    assertThat(reasons(name, shared)).isEmpty();
    PolicyConfig others =
        Given.policy(
            """
            ownership:
              sharedNames: [node-b]
              sharedRanges: [192.0.2.16/28]
            renewal: {resolveContested: false}
            """);
    assertThat(reasons(address, others)).containsExactly(ADDRESS_CONTESTED);
    assertThat(reasons(name, others)).containsExactly(ADDRESS_CONTESTED);
  }

  /** Several machines have a virtual address in turn; nobody is dialed for it. */
  @Test
  void sharedRange_decidesBeforeAnythingIsDialed() {
    Facts contested =
        Worlds.holding(Worlds.ip(ADDRESS), CONTESTED).withServed(Fact.unknown("not looked up"));

    assertThat(reasons(contested, Given.policy("ownership: {sharedRanges: [192.0.2.0/24]}\n")))
        .isEmpty();
    assertThat(reasons(contested, DEFAULTS)).containsExactly(ADDRESS_CONTESTED, FACT_UNKNOWN);
  }

  @Test
  void inventory_decidesBeforeAnythingIsDialed() {
    PolicyConfig config = Given.policy("inventory: {sources: [{name: cmdb, file: {path: f}}]}\n");
    Facts contested =
        Worlds.holding(Worlds.ip(ADDRESS), CONTESTED).withServed(Fact.unknown("not looked up"));
    Policy policy = Policy.of(config);
    InventoryEntry entry =
        new InventoryEntry(
            Set.of(Worlds.dns(Requests.NODE)), Set.of(Worlds.ip(ADDRESS)), List.of());

    assertThat(policy.wanted(policy.preflight(REQUEST.csr()), contested))
        .containsExactly(FactKind.INVENTORY);
    assertThat(
            reasons(
                contested.withInventory(Map.of("cmdb", Fact.known(Optional.of(entry)))), config))
        .isEmpty();
  }
}
