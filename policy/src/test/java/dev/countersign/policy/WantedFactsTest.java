package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import dev.countersign.testkit.CsrForge;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which facts are looked up, and when none is worth a call any more. */
class WantedFactsTest {
  private static final PolicyConfig DEFAULTS = PolicyConfig.defaults();
  private static final PolicyConfig EVERYTHING =
      Given.policy(
          """
          subjectAccessReview: {}
          names: {resolution: Required}
          renewal: {onChange: Notice}
          inventory: {sources: [{name: cmdb, file: {path: /inventory.yaml}}]}
          """);
  private static final Facts CACHED = cached(Worlds.honest());

  /** Only what is kept in caches. */
  private static Facts cached(Facts facts) {
    return facts
        .withInventory(Map.of())
        .withAccess(Fact.unknown("not looked up"))
        .withResolution(Fact.unknown("not looked up"))
        .withServed(Fact.unknown("not looked up"));
  }

  private static Set<FactKind> wanted(PolicyConfig config, Facts facts) {
    return wanted(config, facts, Requests.valid());
  }

  private static Set<FactKind> wanted(PolicyConfig config, Facts facts, Requests request) {
    Policy policy = Policy.of(config);
    return policy.wanted(policy.preflight(request.csr()), facts);
  }

  private static Facts served(String... names) {
    return CACHED.withServed(
        Fact.known(
            Optional.of(
                new ServedCertificate(
                    Worlds.nodeName(Requests.NODE),
                    Worlds.ip("192.0.2.10"),
                    Set.of(names).stream()
                        .map(Worlds::dns)
                        .collect(java.util.stream.Collectors.toSet()),
                    Set.of(),
                    Requests.NOW))));
  }

  @Test
  void policy_tellsItsConfiguration() {
    assertThat(Policy.of(EVERYTHING).config()).isSameAs(EVERYTHING);
  }

  @Test
  void cachesComeFirst_andAloneByDefault() {
    Set<FactKind> cached = wanted(DEFAULTS, Facts.none());

    assertThat(cached).contains(FactKind.NODE, FactKind.PROTECTED, FactKind.HOLDINGS);
    assertThat(wanted(EVERYTHING, Facts.none())).isEqualTo(cached);
    assertThat(wanted(EVERYTHING, CACHED.withHoldings(Fact.unknown("not yet"))))
        .containsExactly(FactKind.HOLDINGS);
    assertThat(wanted(DEFAULTS, CACHED)).isEmpty();
  }

  @Test
  void callsAreWanted_asFarAsTheyAreNotKnown() {
    assertThat(wanted(EVERYTHING, CACHED))
        .containsExactlyInAnyOrder(
            FactKind.ACCESS, FactKind.RESOLUTION, FactKind.SERVED, FactKind.INVENTORY);
    assertThat(wanted(EVERYTHING, CACHED.withAccess(Fact.known(new AccessReview.Allowed()))))
        .containsExactlyInAnyOrder(FactKind.RESOLUTION, FactKind.SERVED, FactKind.INVENTORY);
    InventoryEntry entry =
        new InventoryEntry(
            Set.of(Worlds.dns(Requests.NODE)), Set.of(), List.of(Worlds.range("192.0.2.0/24")));
    assertThat(
            wanted(
                EVERYTHING, CACHED.withInventory(Map.of("cmdb", Fact.known(Optional.of(entry))))))
        .containsExactlyInAnyOrder(FactKind.ACCESS, FactKind.RESOLUTION, FactKind.SERVED);
  }

  @Test
  void requestThatIsHeldAlready_isWorthNoCall() {
    assertThat(wanted(EVERYTHING, CACHED.withNode(Fact.known(Optional.empty())))).isEmpty();
    assertThat(wanted(EVERYTHING, CACHED.withAccess(Fact.known(new AccessReview.Refused("no")))))
        .isEmpty();
    assertThat(
            wanted(EVERYTHING, CACHED.withInventory(Map.of("cmdb", Fact.unknown("asked in vain")))))
        .isEmpty();
  }

  @Test
  void whatWasNotLookedUp_asTheRequestIsHeldWithoutIt_isNoReason() {
    assertThat(Given.reasons(CACHED.withNode(Fact.known(Optional.empty())), EVERYTHING))
        .doesNotContain(Reason.FACT_UNKNOWN);
  }

  @Test
  void noticeHoldsNothing_aHoldDoes() {
    assertThat(wanted(EVERYTHING, served("another"))).contains(FactKind.ACCESS);
    assertThat(
            wanted(
                Given.policy("subjectAccessReview: {}\nrenewal: {onChange: Defer}\n"),
                served("another")))
        .isEmpty();
  }

  @Test
  void notice_comesWithTheApproval_aHoldHolds() {
    Decision noticed =
        Policy.decide(
            Requests.valid().csr(),
            served("another"),
            Given.policy("renewal: {onChange: Notice}\n"));

    assertThat(noticed).isInstanceOf(Decision.Approve.class);
    assertThat(noticed.violations())
        .singleElement()
        .extracting(Violation::got)
        .asString()
        .contains("removed [another]");
    assertThat(
            Policy.decide(
                Requests.valid().csr(),
                served("another"),
                Given.policy("renewal: {onChange: Defer}\n")))
        .isInstanceOf(Decision.Defer.class);
  }

  @Test
  void requestWithoutNames_needsNoDns() {
    Requests addressOnly = Requests.of(CsrForge.client(Requests.NODE).withIp("192.0.2.10"));

    assertThat(wanted(Given.policy("names: {resolution: Required}\n"), CACHED, addressOnly))
        .isEmpty();
  }

  @Test
  void settledRequest_wantsNothing() {
    assertThat(wanted(EVERYTHING, Facts.none(), Requests.valid().withSigner("example.com/other")))
        .isEmpty();
    assertThat(wanted(EVERYTHING, Facts.none(), Requests.valid().withUsages("client auth")))
        .isEmpty();
  }

  @Test
  void contestedAddress_isWorthADial_contestedNameIsNot() {
    AddressOwnership contested =
        new AddressOwnership.Contested(
            List.of(Worlds.nodeName("node-a"), Worlds.nodeName("node-b")));
    Facts address = cached(Worlds.holding(Worlds.ip("192.0.2.10"), contested));
    Facts name = cached(Worlds.holding(Worlds.dns(Requests.NODE), contested));
    Requests request =
        Requests.of(CsrForge.client(Requests.NODE).withDns(Requests.NODE).withIp("192.0.2.10"));

    assertThat(wanted(DEFAULTS, address, request)).containsExactly(FactKind.SERVED);
    assertThat(wanted(DEFAULTS, name, request)).isEmpty();
    assertThat(wanted(Given.policy("renewal: {resolveContested: false}\n"), address, request))
        .isEmpty();
  }

  /** A range of the inventory says that the Node may have the address, not that it has it. */
  @Test
  void contestedAddress_isDialed_onlyWhereTheInventoryWasAsked_andDoesNotGiveIt() {
    PolicyConfig config =
        Given.policy("inventory: {sources: [{name: cmdb, file: {path: /inventory.yaml}}]}\n");
    AddressOwnership contested =
        new AddressOwnership.Contested(
            List.of(Worlds.nodeName("node-a"), Worlds.nodeName("node-b")));
    Facts address = cached(Worlds.holding(Worlds.ip("192.0.2.10"), contested));
    InventoryEntry given =
        new InventoryEntry(
            Set.of(Worlds.dns(Requests.NODE)), Set.of(Worlds.ip("192.0.2.10")), List.of());
    InventoryEntry within =
        new InventoryEntry(
            Set.of(Worlds.dns(Requests.NODE)), Set.of(), List.of(Worlds.range("192.0.2.0/24")));
    Requests request =
        Requests.of(CsrForge.client(Requests.NODE).withDns(Requests.NODE).withIp("192.0.2.10"));

    assertThat(wanted(config, address, request)).containsExactly(FactKind.INVENTORY);
    assertThat(
            wanted(
                config,
                address.withInventory(Map.of("cmdb", Fact.known(Optional.of(given)))),
                request))
        .isEmpty();
    assertThat(
            wanted(
                config,
                address.withInventory(Map.of("cmdb", Fact.known(Optional.of(within)))),
                request))
        .containsExactly(FactKind.SERVED);
  }

  /**
   * Where the range of Services is not known, only an inventory can say that it is no Service's.
   */
  @Test
  void addressThatMayBeAServices_isWorthAskingTheInventory_oneThatIsAServicesIsNot() {
    PolicyConfig config =
        Given.policy("inventory: {sources: [{name: cmdb, file: {path: /inventory.yaml}}]}\n");
    Facts unknownRange =
        CACHED.withProtectedSpace(
            Fact.known(
                Worlds.cluster()
                    .serviceRangesUnknown(new ServiceRangesUnknown("no right", Optional.empty()))
                    .build()));
    Facts service =
        CACHED.withProtectedSpace(
            Fact.known(
                Worlds.cluster()
                    .service("shop", "api", List.of(Worlds.ip("192.0.2.10")), List.of(), List.of())
                    .build()));

    assertThat(wanted(config, unknownRange)).containsExactly(FactKind.INVENTORY);
    assertThat(wanted(config, service)).isEmpty();
  }

  @Test
  void explanation_looksAtAllThatTheConfigurationAsksFor_knownOrNot() {
    Policy policy = Policy.of(EVERYTHING);
    Preflight preflight = policy.preflight(Requests.valid().csr());
    if (!(preflight instanceof Preflight.Open open)) {
      throw new AssertionError(preflight);
    }

    assertThat(policy.looksAt(open, CACHED.withNode(Fact.known(Optional.empty()))))
        .contains(
            FactKind.NODE,
            FactKind.ACCESS,
            FactKind.RESOLUTION,
            FactKind.SERVED,
            FactKind.INVENTORY);
    assertThat(Policy.of(DEFAULTS).looksAt(open, CACHED))
        .doesNotContain(FactKind.ACCESS, FactKind.RESOLUTION, FactKind.SERVED, FactKind.INVENTORY);
  }
}
