package dev.countersign.policy;

import static dev.countersign.policy.decision.Reason.ADDRESS_CLAIM_UNRECORDED;
import static dev.countersign.policy.decision.Reason.FACT_UNKNOWN;
import static dev.countersign.policy.decision.Reason.INVENTORY_MISMATCH;
import static dev.countersign.policy.decision.Reason.INVENTORY_MISSING;
import static dev.countersign.policy.decision.Reason.SAN_NOT_NODE_ADDRESS;
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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How the answers of two inventories combine, and what an answer is good for. */
class InventoryCombinationTest {
  private static final String ADDRESS = "192.0.2.10";
  private static final Requests REQUEST =
      Requests.of(CsrForge.client(Requests.NODE).withDns(Requests.NODE).withIp(ADDRESS));
  private static final Fact<Optional<InventoryEntry>> GIVES =
      known(Set.of(Requests.NODE), Set.of(ADDRESS));
  private static final Fact<Optional<InventoryEntry>> REFUSES =
      known(Set.of("another"), Set.of("192.0.2.99"));
  private static final Fact<Optional<InventoryEntry>> SILENT = Fact.known(Optional.empty());
  private static final Fact<Optional<InventoryEntry>> UNKNOWN = Fact.unknown("no answer");

  private static Fact<Optional<InventoryEntry>> known(
      Set<String> names, Set<String> addresses, String... ranges) {
    return Fact.known(
        Optional.of(
            new InventoryEntry(
                Set.copyOf(names.stream().map(Worlds::dns).toList()),
                Set.copyOf(addresses.stream().map(Worlds::ip).toList()),
                List.of(ranges).stream().map(Worlds::range).toList())));
  }

  private static PolicyConfig policy(String combine, String more) {
    return Given.policy(
        """
        inventory:
          combine: %s
          sources: [{name: one, file: {path: /one}}, {name: two, file: {path: /two}}]
        %s\
        """
            .formatted(combine, more));
  }

  private static List<Reason> reasons(
      String combine, Fact<Optional<InventoryEntry>> one, Fact<Optional<InventoryEntry>> two) {
    return reasons(policy(combine, ""), Worlds.honest(), one, two);
  }

  private static List<Reason> reasons(
      PolicyConfig config,
      Facts world,
      Fact<Optional<InventoryEntry>> one,
      Fact<Optional<InventoryEntry>> two) {
    Facts facts = world.withInventory(Map.of("one", one, "two", two));
    return Given.reasons(Policy.decide(REQUEST.csr(), facts, config));
  }

  @Test
  void first_theFirstThatKnowsDecidesAlone() {
    assertThat(reasons("FirstMatch", GIVES, REFUSES)).isEmpty();
    assertThat(reasons("FirstMatch", GIVES, UNKNOWN)).isEmpty();
    assertThat(reasons("FirstMatch", SILENT, GIVES)).isEmpty();
    assertThat(reasons("FirstMatch", REFUSES, GIVES))
        .containsExactly(INVENTORY_MISMATCH, INVENTORY_MISMATCH);
    assertThat(reasons("FirstMatch", UNKNOWN, GIVES)).containsExactly(FACT_UNKNOWN);
    assertThat(reasons("FirstMatch", SILENT, UNKNOWN)).containsExactly(FACT_UNKNOWN);
    assertThat(reasons("FirstMatch", SILENT, SILENT)).containsExactly(INVENTORY_MISSING);
  }

  @Test
  void any_oneThatGivesSuffices() {
    assertThat(reasons("Any", REFUSES, GIVES)).isEmpty();
    assertThat(reasons("Any", GIVES, REFUSES)).isEmpty();
    assertThat(reasons("Any", UNKNOWN, GIVES)).isEmpty();
    assertThat(reasons("Any", UNKNOWN, REFUSES)).containsExactly(FACT_UNKNOWN);
    assertThat(reasons("Any", SILENT, REFUSES))
        .containsExactly(INVENTORY_MISMATCH, INVENTORY_MISMATCH);
    assertThat(reasons("Any", SILENT, UNKNOWN)).containsExactly(FACT_UNKNOWN);
    assertThat(reasons("Any", SILENT, SILENT)).containsExactly(INVENTORY_MISSING);
  }

  @Test
  void all_everyOneMustGive() {
    assertThat(reasons("All", GIVES, GIVES)).isEmpty();
    assertThat(reasons("All", GIVES, REFUSES))
        .containsExactly(INVENTORY_MISMATCH, INVENTORY_MISMATCH);
    assertThat(reasons("All", GIVES, SILENT)).containsExactly(INVENTORY_MISSING);
    assertThat(reasons("All", SILENT, GIVES)).containsExactly(INVENTORY_MISSING);
    assertThat(reasons("All", GIVES, UNKNOWN)).containsExactly(FACT_UNKNOWN);
    assertThat(reasons("All", UNKNOWN, UNKNOWN)).containsOnly(FACT_UNKNOWN);
  }

  private static Facts serving(String node, Set<String> names, Set<String> addresses) {
    return Worlds.honest()
        .withServed(
            Fact.known(
                Optional.of(
                    new ServedCertificate(
                        Worlds.nodeName(node),
                        Worlds.ip(ADDRESS),
                        Set.copyOf(names.stream().map(Worlds::dns).toList()),
                        Set.copyOf(addresses.stream().map(Worlds::ip).toList()),
                        Instant.MAX))));
  }

  private static PolicyConfig renewing(String combine) {
    return policy(combine + "\n  onMissing: Renew", "");
  }

  @Test
  void missing_withRenew_getsWhatItServesNow_andNoMore() {
    Facts same = serving(Requests.NODE, Set.of(Requests.NODE), Set.of(ADDRESS, "192.0.2.11"));
    Facts less = serving(Requests.NODE, Set.of(Requests.NODE), Set.of("192.0.2.11"));
    Facts others = serving("node-b", Set.of(Requests.NODE), Set.of(ADDRESS));
    Facts nothing = Worlds.honest().withServed(Fact.known(Optional.empty()));
    Facts unknown = Worlds.honest().withServed(Fact.unknown("no authority"));
    for (String combine : List.of("FirstMatch", "Any", "All")) {
      PolicyConfig config = renewing(combine);
      assertThat(reasons(config, same, SILENT, SILENT)).isEmpty();
      assertThat(reasons(config, less, SILENT, SILENT)).containsExactly(INVENTORY_MISSING);
      assertThat(reasons(config, others, SILENT, SILENT)).containsExactly(INVENTORY_MISSING);
      assertThat(reasons(config, nothing, SILENT, SILENT)).containsExactly(INVENTORY_MISSING);
      assertThat(reasons(config, unknown, SILENT, SILENT)).containsExactly(FACT_UNKNOWN);
    }
    assertThat(reasons(policy("Any", ""), same, SILENT, SILENT)).containsExactly(INVENTORY_MISSING);
  }

  @Test
  void missing_withRenew_isNotWhereASourceKnowsTheNode_orWasNotHeard() {
    Facts same = serving(Requests.NODE, Set.of(Requests.NODE), Set.of(ADDRESS));
    assertThat(reasons(renewing("Any"), same, SILENT, REFUSES))
        .containsExactly(INVENTORY_MISMATCH, INVENTORY_MISMATCH);
    assertThat(reasons(renewing("All"), same, SILENT, REFUSES)).containsExactly(INVENTORY_MISSING);
    assertThat(reasons(renewing("Any"), same, SILENT, UNKNOWN)).containsExactly(FACT_UNKNOWN);
  }

  @Test
  void missing_withRenew_looksAtTheServedCertificate_onlyOnceNoSourceKnowsTheNode() {
    Policy policy = Policy.of(renewing("Any"));
    Preflight preflight = policy.preflight(REQUEST.csr());
    Facts cached = Worlds.honest().withServed(Fact.unknown("not looked up"));
    assertThat(policy.wanted(preflight, cached.withInventory(Map.of())))
        .containsExactly(FactKind.INVENTORY);
    assertThat(policy.wanted(preflight, cached.withInventory(Map.of("one", GIVES, "two", SILENT))))
        .isEmpty();
    assertThat(policy.wanted(preflight, cached.withInventory(Map.of("one", SILENT, "two", SILENT))))
        .containsExactly(FactKind.SERVED);
  }

  @Test
  void unknownSource_isNamed() {
    Facts facts = Worlds.honest().withInventory(Map.of("one", SILENT));

    assertThat(Policy.decide(REQUEST.csr(), facts, policy("Any", "")).violations())
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.path()).isEqualTo("facts.inventory");
              assertThat(violation.got()).isEqualTo("unknown: source two not looked up");
            });
  }

  @Test
  void exactAnswer_settlesWhoseItIs_aRangeDoesNot() {
    Facts unclaimed = Worlds.holding(Worlds.ip(ADDRESS), new AddressOwnership.Unclaimed());
    Fact<Optional<InventoryEntry>> range = known(Set.of(Requests.NODE), Set.of(), "192.0.2.0/24");
    PolicyConfig any = policy("Any", "");

    assertThat(reasons(any, unclaimed, GIVES, SILENT)).isEmpty();
    assertThat(reasons(any, unclaimed, range, SILENT)).containsExactly(ADDRESS_CLAIM_UNRECORDED);
    assertThat(reasons(policy("All", ""), unclaimed, GIVES, range))
        .containsExactly(ADDRESS_CLAIM_UNRECORDED);
    Facts nameless = Worlds.holding(Worlds.dns(Requests.NODE), new AddressOwnership.Unclaimed());
    assertThat(reasons(any, nameless, GIVES, SILENT)).isEmpty();
    assertThat(
            reasons(
                Given.policy(
                    """
                    inventory:
                      combine: Any
                      sources: [{name: one, file: {path: /one}}]
                    """),
                nameless,
                known(Set.of(), Set.of(ADDRESS)),
                SILENT))
        .contains(ADDRESS_CLAIM_UNRECORDED, INVENTORY_MISMATCH);
  }

  @Test
  void inventoryStandsInForTheStatus_onlyWhereThePolicySaysSo() {
    Facts bare = Worlds.of(Worlds.node(Requests.NODE, Worlds.UID, Worlds.hostname(Requests.NODE)));

    assertThat(reasons(policy("Any", ""), bare, GIVES, SILENT))
        .containsExactly(SAN_NOT_NODE_ADDRESS);
    assertThat(reasons(policy("Any", "  replacesNodeStatus: true\n"), bare, GIVES, SILENT))
        .isEmpty();
    assertThat(reasons(policy("Any", "  replacesNodeStatus: true\n"), bare, REFUSES, SILENT))
        .contains(SAN_NOT_NODE_ADDRESS, INVENTORY_MISMATCH);
  }
}
