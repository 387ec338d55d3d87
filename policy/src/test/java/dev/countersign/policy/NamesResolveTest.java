package dev.countersign.policy;

import static dev.countersign.policy.Worlds.dns;
import static dev.countersign.policy.Worlds.external;
import static dev.countersign.policy.Worlds.hostname;
import static dev.countersign.policy.Worlds.internal;
import static dev.countersign.policy.Worlds.internalDns;
import static dev.countersign.policy.Worlds.ip;
import static dev.countersign.policy.Worlds.node;
import static dev.countersign.policy.Worlds.nodeName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.testkit.CsrForge;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** With names.resolution: Required nobody's own word says whose a resolved address is. */
class NamesResolveTest {
  private static final PolicyConfig REQUIRED = Given.policy("names: {resolution: Required}");
  private static final PolicyConfig UNOWNED =
      Given.policy("names: {resolution: Required}\nownership: {mode: Off}");
  private static final PolicyConfig INTERFACES =
      Given.policy(
          "names: {resolution: Required, additionalAddressRanges: [198.51.100.0/24,"
              + " '2001:db8:5::/64']}");

  private final Map<DnsName, Resolution> answers = new HashMap<>();
  private final Map<NameOrAddress, AddressOwnership> holdings = new HashMap<>();

  private NamesResolveTest resolve(String name, String... addresses) {
    answers.put(
        dns(name),
        new Resolution.Addresses(
            Arrays.stream(addresses).map(Worlds::ip).collect(Collectors.toSet())));
    return this;
  }

  private NamesResolveTest held(String address, String owner, String uid) {
    holdings.put(ip(address), new AddressOwnership.HeldBy(nodeName(owner), uid, Requests.NOW));
    return this;
  }

  /** What node-a gets, whose status lists everything. */
  private Decision decide(PolicyConfig config, CsrForge forge, NodeAddress... addresses) {
    NodeFact node = node("node-a", Worlds.UID, addresses);
    holdings.putIfAbsent(
        dns("node-a"), new AddressOwnership.HeldBy(nodeName("node-a"), Worlds.UID, Requests.NOW));
    node.dnsNames()
        .forEach(
            name ->
                holdings.putIfAbsent(
                    name,
                    new AddressOwnership.HeldBy(nodeName("node-a"), Worlds.UID, Requests.NOW)));
    Facts facts =
        Worlds.of(node)
            .withResolution(Fact.known(answers))
            .withHoldings(Fact.known(Map.copyOf(holdings)));
    return Policy.decide(Requests.of(forge).csr(), facts, config);
  }

  private static CsrForge names(String... names) {
    CsrForge forge = CsrForge.client("node-a");
    for (String name : names) {
      forge = forge.withDns(name);
    }
    return forge;
  }

  @Test
  void addressThatOnlyTheNodesStatusLists_isElsewhere() {
    resolve("node-b.example.test", "192.0.2.11").held("192.0.2.11", "node-b", "uid-b");

    Decision decision =
        decide(
            REQUIRED,
            names("node-b.example.test"),
            internalDns("node-b.example.test"),
            internal("192.0.2.10"),
            external("192.0.2.11"));

    assertThat(decision).isInstanceOf(Decision.Defer.class);
    assertThat(Given.reasons(decision)).containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
  }

  @Test
  void addressThatNobodyHolds_isElsewhere_evenIfTheStatusListsIt() {
    for (PolicyConfig config : List.of(REQUIRED, UNOWNED)) {
      resolve("node-a", "192.0.2.11");
      assertThat(
              Given.reasons(
                  decide(config, names("node-a"), hostname("node-a"), external("192.0.2.11"))))
          .containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
    }
  }

  @Test
  void addressOnRecordAsTheNodes_isItsOwn() {
    resolve("node-a", "192.0.2.10", "2001:db8::10")
        .held("192.0.2.10", "node-a", Worlds.UID)
        .held("2001:db8::10", "node-a", Worlds.UID);

    assertThat(decide(REQUIRED, names("node-a"), hostname("node-a")))
        .as("even while its status does not list it")
        .isInstanceOf(Decision.Approve.class);
    assertThat(Given.reasons(decide(UNOWNED, names("node-a"), hostname("node-a"))))
        .as("without records there is nothing on record")
        .containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
  }

  @Test
  void exactly_eachAddressOfTheRequestIsOneThatANameResolvesTo() {
    PolicyConfig exact =
        Given.policy("names: {resolution: Exact}\naddresses: {allowedRanges: [192.0.2.0/24]}");
    held("192.0.2.10", "node-a", Worlds.UID).held("192.0.2.11", "node-a", Worlds.UID);
    held("198.51.100.7", "node-a", Worlds.UID);
    NodeAddress[] all = {hostname("node-a"), internal("192.0.2.10"), external("192.0.2.11")};

    resolve("node-a", "192.0.2.10");
    assertThat(decide(exact, names("node-a").withIp("192.0.2.10"), all))
        .isInstanceOf(Decision.Approve.class);
    assertThat(decide(exact, CsrForge.client("node-a").withIp("192.0.2.11"), all))
        .as("without names there is nothing to resolve")
        .isInstanceOf(Decision.Approve.class);
    assertThat(decide(REQUIRED, names("node-a").withIp("192.0.2.11"), all))
        .isInstanceOf(Decision.Approve.class);
    assertThat(Given.reasons(decide(exact, names("node-a").withIp("192.0.2.11"), all)))
        .containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);

    resolve("node-a", "192.0.2.10", "198.51.100.7");
    assertThat(decide(REQUIRED, names("node-a").withIp("192.0.2.10"), all))
        .isInstanceOf(Decision.Approve.class);
    assertThat(Given.reasons(decide(exact, names("node-a").withIp("192.0.2.10"), all)))
        .as("an address outside of the allowed ranges")
        .containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
  }

  @Test
  void recordOfADeletedNodeOfThatName_isNotTheNodes() {
    resolve("node-a", "192.0.2.10").held("192.0.2.10", "node-a", "uid-of-before");

    assertThat(
            Given.reasons(
                decide(REQUIRED, names("node-a"), hostname("node-a"), internal("192.0.2.10"))))
        .containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
  }

  @Test
  void contestedOrReserved_isNotTheNodes() {
    for (AddressOwnership holding :
        List.of(
            new AddressOwnership.Contested(List.of(nodeName("node-a"), nodeName("node-b"))),
            new AddressOwnership.Reserved(nodeName("node-a"), Requests.NOW))) {
      resolve("node-a", "192.0.2.10");
      holdings.put(ip("192.0.2.10"), holding);
      for (PolicyConfig config :
          List.of(
              REQUIRED,
              Given.policy(
                  "names: {resolution: Required, additionalAddressRanges: [192.0.2.0/24]}"))) {
        assertThat(
                Given.reasons(
                    decide(config, names("node-a"), hostname("node-a"), internal("192.0.2.10"))))
            .containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
      }
    }
  }

  @Test
  void addressOfTheRequest_isVettedByTheOtherChecks() {
    resolve("node-a", "192.0.2.10", "2001:db8::10")
        .held("192.0.2.10", "node-a", Worlds.UID)
        .held("2001:db8::10", "node-b", "uid-b");
    CsrForge forge = names("node-a").withIp("192.0.2.10").withIp("2001:db8::10");
    NodeAddress[] status = {
      hostname("node-a"), internal("192.0.2.10"), internal("2001:db8::10"),
    };

    assertThat(Given.reasons(decide(REQUIRED, forge, status)))
        .containsExactly(Reason.ADDRESS_OWNED_BY_OTHER_NODE);
    held("2001:db8::10", "node-a", Worlds.UID);
    assertThat(decide(REQUIRED, forge, status)).isInstanceOf(Decision.Approve.class);
    assertThat(decide(UNOWNED, forge, status)).isInstanceOf(Decision.Approve.class);
  }

  @Test
  void eachOfSeveralNames_isLookedAt() {
    resolve("node-a", "192.0.2.10")
        .resolve("a.example.test", "192.0.2.10", "192.0.2.11")
        .held("192.0.2.10", "node-a", Worlds.UID);

    assertThat(
            decide(
                    REQUIRED,
                    names("node-a", "a.example.test", "gone.example.test"),
                    hostname("node-a"),
                    internalDns("a.example.test"),
                    internalDns("gone.example.test"))
                .violations())
        .extracting(violation -> violation.reason() + " " + violation.path())
        .containsExactly("DNS_RESOLVES_ELSEWHERE request.san[1]", "DNS_UNRESOLVED request.san[2]");
  }

  @Test
  void furtherInterface_passesBesidesAnAddressOfTheNode() {
    resolve("node-a", "192.0.2.10", "198.51.100.10", "2001:db8:5::10")
        .held("192.0.2.10", "node-a", Worlds.UID);
    CsrForge forge = names("node-a").withIp("192.0.2.10");
    NodeAddress[] status = {hostname("node-a"), internal("192.0.2.10")};

    assertThat(decide(INTERFACES, forge, status)).isInstanceOf(Decision.Approve.class);
    assertThat(Given.reasons(decide(REQUIRED, forge, status)))
        .containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
    resolve("node-a", "192.0.2.10", "198.51.101.10");
    assertThat(Given.reasons(decide(INTERFACES, forge, status)))
        .as("another range")
        .containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
  }

  @Test
  void furtherInterface_alone_doesNotSayWhoseTheNameIs() {
    resolve("node-a", "198.51.100.11");

    Decision decision =
        decide(
            INTERFACES,
            names("node-a").withIp("192.0.2.10"),
            hostname("node-a"),
            internal("192.0.2.10"));

    assertThat(Given.reasons(decision)).contains(Reason.DNS_RESOLVES_ELSEWHERE);
    assertThat(decision.violations())
        .anyMatch(
            v ->
                v.got().equals("DNS \"node-a\", which resolves to [198.51.100.11]")
                    && v.want()
                        .equals(
                            "a name that resolves to an address of the request or on record as the"
                                + " Node's, too"));
  }

  @Test
  void furtherInterface_thatAnotherNodeHolds_isElsewhere() {
    resolve("node-a", "192.0.2.10", "198.51.100.11")
        .held("192.0.2.10", "node-a", Worlds.UID)
        .held("198.51.100.11", "node-b", "uid-b");

    assertThat(
            Given.reasons(
                decide(
                    INTERFACES,
                    names("node-a").withIp("192.0.2.10"),
                    hostname("node-a"),
                    internal("192.0.2.10"))))
        .containsExactly(Reason.DNS_RESOLVES_ELSEWHERE);
  }

  @Test
  void factsWanted_areTheHoldersOnlyWhereTheyAreRecorded() {
    Policy required = Policy.of(REQUIRED);
    Preflight preflight = required.preflight(Requests.valid().csr());

    assertThat(required.wanted(preflight, Facts.none())).contains(FactKind.HOLDINGS);
    assertThat(Policy.of(UNOWNED).wanted(preflight, Facts.none()))
        .doesNotContain(FactKind.HOLDINGS);
  }

  @Test
  void holdersToLookUp_areThoseOfTheRequest_andOfWhatItResolvesTo() {
    Preflight.Open open = Policy.of(REQUIRED).takenApart(Requests.valid().csr()).orElseThrow();
    Facts resolved =
        Facts.none()
            .withResolution(
                Fact.known(
                    Map.of(
                        dns("node-a"),
                        new Resolution.Addresses(Set.of(ip("192.0.2.77"))),
                        dns("other"),
                        new Resolution.Addresses(Set.of(ip("192.0.2.78"))))));

    assertThat(open.claims(Facts.none()))
        .containsExactlyInAnyOrder(dns("node-a"), ip("192.0.2.10"));
    assertThat(open.claims(resolved))
        .containsExactlyInAnyOrder(dns("node-a"), ip("192.0.2.10"), ip("192.0.2.77"));
  }
}
