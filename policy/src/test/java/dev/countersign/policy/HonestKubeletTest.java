package dev.countersign.policy;

import static dev.countersign.policy.Worlds.external;
import static dev.countersign.policy.Worlds.externalDns;
import static dev.countersign.policy.Worlds.hostname;
import static dev.countersign.policy.Worlds.internal;
import static dev.countersign.policy.Worlds.internalDns;
import static dev.countersign.policy.Worlds.labelled;
import static dev.countersign.policy.Worlds.node;
import static dev.countersign.policy.Worlds.nodeName;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.ownership.ReportedAddresses;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.TestKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With no policy file, every request that a real kubelet since 1.20 sends passes. */
class HonestKubeletTest {
  private static final CsrForge BARE = CsrForge.client(Requests.NODE);

  private static void passes(CsrForge forge, List<String> usages, NodeFact node) {
    assertThat(
            Policy.decide(
                Requests.of(forge).withUsages(usages).csr(),
                Worlds.of(node),
                PolicyConfig.defaults()))
        .isEqualTo(new Decision.Approve(nodeName(Requests.NODE), List.of()));
  }

  private static void passes(CsrForge forge, NodeFact node) {
    passes(forge, Requests.USAGES, node);
  }

  @Test
  void singleStack_passes() {
    passes(
        BARE.withDns("node-a").withIp("192.0.2.10"),
        node("node-a", "u", hostname("node-a"), internal("192.0.2.10")));
  }

  @Test
  void dualStack_passes() {
    passes(
        BARE.withDns("node-a").withIp("192.0.2.10").withIp("2001:db8::10"),
        node("node-a", "u", hostname("node-a"), internal("192.0.2.10"), internal("2001:db8::10")));
  }

  @Test
  void addressesWrittenInOtherWaysInTheStatus_pass() {
    passes(
        BARE.withIp("192.0.2.10").withIp("2001:db8::10"),
        node("node-a", "u", internal("192.000.002.010"), internal("2001:0DB8:0:0::0010")));
  }

  @Test
  void onlyNames_pass() {
    passes(BARE.withDns("node-a"), node("node-a", "u", hostname("node-a")));
  }

  @Test
  void onlyAddresses_pass() {
    passes(BARE.withIp("192.0.2.10"), node("node-a", "u", internal("192.0.2.10")));
  }

  @Test
  void hostnameThatIsAnAddress_passesAsAddress() {
    passes(
        CsrForge.client(Requests.NODE).withIp("192.0.2.10"),
        node("node-a", "u", hostname("192.0.2.10"), internal("192.0.2.10")));
  }

  @Test
  void severalNamesOfACloud_pass() {
    passes(
        BARE.withDns("ec2-203-0-113-5.compute.amazonaws.com")
            .withDns("ip-10-0-1-5.eu-west-1.compute.internal")
            .withDns("node-a")
            .withIp("10.0.1.5")
            .withIp("203.0.113.5"),
        node(
            "node-a",
            "u",
            internal("10.0.1.5"),
            external("203.0.113.5"),
            hostname("node-a"),
            internalDns("ip-10-0-1-5.eu-west-1.compute.internal"),
            externalDns("ec2-203-0-113-5.compute.amazonaws.com")));
  }

  @Test
  void namesOfOtherCase_pass() {
    passes(
        BARE.withDns("Node-A.Example.COM"), node("node-a", "u", internalDns("node-a.example.com")));
    passes(
        BARE.withDns("node-a.example.com"), node("node-a", "u", internalDns("Node-A.Example.COM")));
  }

  @Test
  void sameNameTwice_passes() {
    passes(
        BARE.withDns("node-a").withDns("NODE-A"),
        node("node-a", "u", hostname("node-a"), internalDns("NODE-A")));
  }

  @Test
  void nameOfNumbersAndLetters_passes() {
    passes(BARE.withDns("1a.2b.example.com"), node("node-a", "u", hostname("1a.2b.example.com")));
    passes(BARE.withDns("1.2.3.4.5"), node("node-a", "u", hostname("1.2.3.4.5")));
  }

  @Test
  void everyUsageSetOfRealKubelets_passes() {
    NodeFact node = node("node-a", "u", hostname("node-a"));
    CsrForge ecdsa = BARE.withDns("node-a");

    passes(ecdsa, List.of("digital signature", "key encipherment", "server auth"), node);
    passes(ecdsa, List.of("key encipherment", "digital signature", "server auth"), node);
    passes(ecdsa, List.of("digital signature", "server auth"), node);
    passes(ecdsa, List.of("server auth", "digital signature"), node);
  }

  @Test
  void rsaKeyOf4096Bits_passes() {
    passes(
        BARE.withDns("node-a").withKey(TestKeys.rsa(4096)),
        Requests.USAGES_RSA,
        node("node-a", "u", hostname("node-a")));
  }

  @Test
  void everyKeyThatKubernetesSigns_passes() {
    NodeFact node = node("node-a", "u", hostname("node-a"));
    CsrForge forge = BARE.withDns("node-a");

    passes(forge.withKey(TestKeys.p384()), node);
    passes(forge.withKey(TestKeys.p521()), node);
    passes(forge.withKey(TestKeys.ed25519()), node);
    passes(forge.withKey(TestKeys.ed25519()), Requests.USAGES_RSA, node);
    passes(forge.withKey(TestKeys.rsa(2048)), Requests.USAGES_RSA, node);
    passes(forge.withKey(TestKeys.rsa(2048)), Requests.USAGES, node);
    passes(forge.withKey(TestKeys.rsa(3072)), List.of("server auth", "digital signature"), node);
    passes(
        forge.withKey(TestKeys.rsa(2048)).withSignature("SHA512withRSA"),
        Requests.USAGES_RSA,
        node);
  }

  @Test
  void expirationAtTheBounds_passes() {
    NodeFact node = node("node-a", Worlds.UID, hostname("node-a"), internal("192.0.2.10"));
    for (long seconds : List.of(600L, 3600L, 366L * 86400)) {
      assertThat(
              Policy.decide(
                  Requests.valid().withExpiration(seconds).csr(),
                  Worlds.of(node),
                  PolicyConfig.defaults()))
          .isInstanceOf(Decision.Approve.class);
    }
  }

  @Test
  void controlPlaneNode_mayHaveTheApiServersAddress_ifSomeoneElseLabelledIt() {
    NodeFact node =
        node(
            "node-a",
            "u",
            hostname("node-a"),
            internal("192.0.2.1"),
            internalDns("api.example.com"));
    CsrForge forge = BARE.withDns("node-a").withDns("api.example.com").withIp("192.0.2.1");

    passes(forge, labelled(node, "node-role.kubernetes.io/control-plane"));
    passes(forge, labelled(node, "node-role.kubernetes.io/master"));
    assertThat(
            Policy.decide(
                Requests.of(forge).csr(),
                Worlds.of(labelled(node, "node.kubernetes.io/controller")),
                PolicyConfig.defaults()))
        .isInstanceOf(Decision.Defer.class);
    assertThat(
            Policy.decide(
                Requests.of(forge).csr(),
                Worlds.of(node),
                PolicyConfig.defaults()
                    .withGuard(
                        new Guard(
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(),
                            true,
                            Set.of(nodeName("node-a")),
                            Guard.ClusterCidrs.defaults()))))
        .isInstanceOf(Decision.Approve.class);
  }

  @Test
  void controlPlaneNode_mayNotHaveAServicesAddress() {
    NodeFact node =
        labelled(
            node("node-a", "u", internal("10.3.0.1")), "node-role.kubernetes.io/control-plane");

    assertThat(
            Policy.decide(
                Requests.of(BARE.withIp("10.3.0.1")).csr(),
                Worlds.of(node),
                PolicyConfig.defaults()))
        .isInstanceOf(Decision.Defer.class);
  }

  @Test
  void addressThatAServicePublishes_staysTheHolders_andGoesToNobodyElse() {
    NodeFact node = node("node-a", "u", internal("198.51.100.7"));
    CsrForge forge = BARE.withIp("198.51.100.7");

    passes(forge, node);
    assertThat(
            Policy.decide(
                Requests.of(forge).csr(),
                Worlds.of(node).withHoldings(Fact.known(Map.of())),
                PolicyConfig.defaults()))
        .isInstanceOf(Decision.Defer.class);
  }

  /** A Node's request for its own name. */
  private static Requests asking(String name) {
    return Requests.of(CsrForge.client(name).withDns(name).withIp("192.0.2.10"))
        .withRequestor("system:node:" + name, "system:nodes", "system:authenticated");
  }

  /** Host names of digits are host names (RFC 1123), also where a program would read an address. */
  @ParameterizedTest
  @ValueSource(strings = {"4711", "0xbeef", "0", "20261130", "0x0a000001"})
  void nameOfDigits_isTheNodesOwn(String name) {
    NodeFact node = node(name, "u", hostname(name), internal("192.0.2.10"));

    assertThat(Policy.decide(asking(name).csr(), Worlds.of(node), PolicyConfig.defaults()))
        .isInstanceOf(Decision.Approve.class);
    assertThat(ReportedAddresses.of(node).within(100)).contains(Worlds.dns(name));
    assertThat(
            Given.reasons(
                Policy.decide(
                    Requests.of(BARE.withDns(name)).csr(),
                    Worlds.of(node("node-a", "u", hostname(name))),
                    PolicyConfig.defaults())))
        .as("another Node's request for it")
        .containsExactly(Reason.DNS_IS_ADDRESS);
  }

  @Test
  void linkLocalAddress_thatAProviderReports_passesWhereThePolicyNamesIt() {
    NodeFact node = node("node-a", "u", internal("192.0.2.10"), external("169.254.1.7"));
    Requests request = Requests.of(BARE.withIp("192.0.2.10").withIp("169.254.1.7"));

    assertThat(
            Policy.decide(
                request.csr(),
                Worlds.of(node),
                Given.policy("addresses: {specialRanges: [169.254.1.0/24]}\n")))
        .isInstanceOf(Decision.Approve.class);
    Decision other =
        Policy.decide(
            request.csr(),
            Worlds.of(node),
            Given.policy("addresses: {specialRanges: [169.254.2.0/24]}\n"));
    assertThat(other).isInstanceOf(Decision.Defer.class);
    assertThat(Given.reasons(other)).containsExactly(Reason.IP_LINK_LOCAL);
    assertThat(other.violations().getFirst().message()).contains("addresses.specialRanges");
  }

  @Test
  void internalDnsThatIsAnAddress_passesWhereThePolicyAllowsIt() {
    PolicyConfig allowing = Given.policy("addresses: {allowAsDnsNames: true}\n");
    NodeFact node = node("node-a", "u", internal("192.0.2.10"), internalDns("192.0.2.10"));
    CsrForge both = BARE.withIp("192.0.2.10").withDns("192.0.2.10");

    assertThat(Policy.decide(Requests.of(both).csr(), Worlds.of(node), allowing))
        .isInstanceOf(Decision.Approve.class);
    assertThat(ReportedAddresses.of(node).within(100)).contains(Worlds.dns("192.0.2.10"));
    assertThat(ReportedAddresses.of(node("node-a", "u", internalDns("192.0.2.10"))).within(100))
        .containsExactly(Worlds.dns("node-a"));
    for (CsrForge other :
        List.of(
            BARE.withDns("192.0.2.10"),
            BARE.withIp("192.0.2.10").withDns("192.0.2.11"),
            BARE.withIp("192.0.2.10").withDns("0xc000020a"))) {
      assertThat(Given.reasons(Policy.decide(Requests.of(other).csr(), Worlds.of(node), allowing)))
          .containsExactly(Reason.DNS_IS_ADDRESS);
    }
  }

  /** Pods of namespace prod reach Service prod/db by the name db. */
  @Test
  void shortNameOfAService_isItsOwnNodes_orWhoseItWasBefore() {
    Fact<ProtectedSpace> space =
        Fact.known(Worlds.cluster().service("prod", "db", List.of(), List.of(), List.of()).build());
    NodeFact db = node("db", "u", hostname("db"), internal("192.0.2.10"));
    NodeFact other = node("node-a", "u", internalDns("db"), internal("192.0.2.10"));
    CsrForge forge = BARE.withDns("db").withIp("192.0.2.10");

    assertThat(
            Policy.decide(
                asking("db").csr(),
                Worlds.of(db).withProtectedSpace(space),
                PolicyConfig.defaults()))
        .isInstanceOf(Decision.Approve.class);
    assertThat(
            Policy.decide(
                Requests.of(forge).csr(),
                Worlds.of(other).withProtectedSpace(space),
                PolicyConfig.defaults()))
        .as("a name that it held before the Service came")
        .isInstanceOf(Decision.Approve.class);
    assertThat(
            Given.reasons(
                Policy.decide(
                    asking("db").csr(),
                    Worlds.of(db).withProtectedSpace(space).withHoldings(Fact.known(Map.of())),
                    PolicyConfig.defaults())))
        .as("a Node that is new: its own name is its own, on record or not")
        .doesNotContain(Reason.SAN_PROTECTED_BY_CLUSTER);
    Map<NameOrAddress, AddressOwnership> held = new HashMap<>(Worlds.heldBy(other));
    held.remove(Worlds.dns("db"));
    assertThat(
            Given.reasons(
                Policy.decide(
                    Requests.of(forge).csr(),
                    Worlds.of(other).withProtectedSpace(space).withHoldings(Fact.known(held)),
                    PolicyConfig.defaults())))
        .containsExactly(Reason.SAN_PROTECTED_BY_CLUSTER, Reason.SIBLING_NAME_NOT_ASSIGNED);
  }

  @Test
  void hostilePodRange_doesNotHurtAnotherNode() {
    ProtectedSpace.Builder builder =
        Worlds.cluster()
            .podRanges(nodeName("evil"), List.of(Worlds.range("192.0.2.0/24")))
            .podRanges(nodeName("worse"), List.of(Worlds.range("0.0.0.0/0")));
    ProtectedSpace space = builder.build();

    assertThat(
            Policy.decide(
                Requests.valid().csr(),
                Worlds.honest().withProtectedSpace(Fact.known(space)),
                PolicyConfig.defaults()))
        .isInstanceOf(Decision.Approve.class);
    assertThat(space.protecting(Worlds.ip("203.0.113.1"))).isEmpty();
  }

  @Test
  void honestPodRange_isProtected() {
    ProtectedSpace space =
        Worlds.cluster()
            .podRanges(nodeName("node-b"), List.of(Worlds.range("10.244.1.0/24")))
            .build();
    NodeFact node = node("node-a", "u", internal("10.244.1.7"));

    assertThat(
            Policy.decide(
                Requests.of(BARE.withIp("10.244.1.7")).csr(),
                // Such a claim is not recorded, so it is on record as nobody's.
                Worlds.of(node)
                    .withProtectedSpace(Fact.known(space))
                    .withHoldings(Fact.known(Map.of())),
                PolicyConfig.defaults()))
        .isInstanceOfSatisfying(
            Decision.Defer.class,
            hold ->
                assertThat(hold.violations())
                    .extracting(Violation::reason)
                    .contains(Reason.SAN_PROTECTED_BY_CLUSTER));
    assertThat(
            Policy.decide(
                Requests.of(BARE.withIp("10.244.1.7")).csr(),
                Worlds.of(node).withProtectedSpace(Fact.known(space)),
                PolicyConfig.defaults()))
        .as("an address that was on record before the range came")
        .isInstanceOf(Decision.Approve.class);
    assertThat(space.protecting(Worlds.ip("10.244.1.7")).map(ProtectedSpace.Source::kind))
        .isEqualTo(Optional.of(ProtectedSpace.Kind.POD_RANGE));
  }
}
