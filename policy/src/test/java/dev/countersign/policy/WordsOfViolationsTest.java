package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.policy.config.Addresses;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.Keys;
import dev.countersign.policy.config.Limits;
import dev.countersign.policy.config.Ownership;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.CsrForge.Rdn;
import dev.countersign.testkit.CsrForge.Text;
import dev.countersign.testkit.TestKeys;
import dev.countersign.x509.der.DerWriter;
import dev.countersign.x509.request.KeyAlgorithm;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an operator reads: where, what was found and what would have been right. */
class WordsOfViolationsTest {
  private static final PolicyConfig DEFAULTS = PolicyConfig.defaults();
  private static final Rdn NODES = new Rdn(CsrForge.O, Text.PRINTABLE, "system:nodes");
  private static final Rdn NAME = new Rdn(CsrForge.CN, Text.PRINTABLE, "system:node:node-a");

  private static CsrForge forge() {
    return CsrForge.serving(Requests.NODE);
  }

  private static List<String> words(Requests request, Facts facts, PolicyConfig config) {
    Decision decision = Policy.decide(request.csr(), facts, config);
    return decision.violations().stream()
        .map(v -> v.reason().camelCase() + " " + v.path() + ": " + v.got() + "; " + v.want())
        .toList();
  }

  private static List<String> words(CsrForge forge) {
    return words(Requests.of(forge), Worlds.honest(), DEFAULTS);
  }

  private static PolicyConfig keys(String curve, int shortest, int longest) {
    return PolicyConfig.defaults()
        .withKeys(new Keys(DEFAULTS.keys().algorithms(), Set.of(curve), shortest, longest));
  }

  private static PolicyConfig guarding(String range) {
    Guard guard = DEFAULTS.guard();
    return PolicyConfig.defaults()
        .withGuard(
            new Guard(
                guard.clusterDomains(),
                List.of(),
                List.of(),
                List.of(Worlds.range(range)),
                true,
                Set.of(),
                Guard.ClusterCidrs.defaults()));
  }

  @Test
  void extensions_thatAskForAnAuthority_areCalledByTheirNames() {
    assertThat(words(forge().withAuthorityConstraint()))
        .containsExactly(
            "CaRequested request.extensions[1]: basicConstraints of a certificate authority; no"
                + " basicConstraints and no keyUsage");
    assertThat(words(forge().withExtension("2.5.29.15", true, HexFormat.of().parseHex("03020204"))))
        .containsExactly(
            "CaRequested request.extensions[1]: keyUsage that signs certificates or revocation"
                + " lists; no basicConstraints and no keyUsage");
  }

  @Test
  void subject_withSeveralFaultsInOnePlace_isToldOncePerFault() {
    Rdn unit = new Rdn(CsrForge.OU, Text.PRINTABLE, "x");

    assertThat(words(forge().withRdns(List.of(List.of(NODES, NAME)))))
        .containsExactly(
            "SubjectAttributeUnexpected request.subject[0]: 2 attributes in one relative"
                + " distinguished name; one attribute in each");
    assertThat(words(forge().withRdns(List.of(List.of(NODES), List.of(NAME, unit)))))
        .containsExactly(
            "SubjectAttributeUnexpected request.subject[1]: attribute \"2.5.4.11\"; common name and"
                + " organization only");
  }

  @Test
  void key_isCalledByItsAlgorithm() {
    assertThat(
            words(
                Requests.of(forge().withKey(TestKeys.p521())),
                Worlds.honest(),
                keys("P-256", 2048, 8192)))
        .containsExactly(
            "KeyAlgorithmNotAllowed request.key: ECDSA on \"P-521\"; one of [RSA, ECDSA, ED25519],"
                + " ECDSA on [P-256]");
    assertThat(
            words(
                Requests.of(forge().withKey(TestKeys.rsa(2048))).withUsages(Requests.USAGES_RSA),
                Worlds.honest(),
                keys("P-256", 2048, 2048)))
        .as("the only size there is")
        .isEmpty();
    assertThat(
            words(
                Requests.of(forge().withKey(TestKeys.rsa(2048))).withUsages(Requests.USAGES_RSA),
                Worlds.honest(),
                keys("P-256", 2049, 4096)))
        .containsExactly("KeySizeNotAllowed request.key: RSA of 2048 bits; 2049 to 4096 bits");
  }

  @Test
  void nodeThatNoInventoryLists_isNamed() {
    assertThat(
            words(
                Requests.of(forge()),
                Worlds.honest().withInventory(Map.of("cmdb", Fact.known(Optional.empty()))),
                Given.policy(
                    "inventory: {sources: [{name: cmdb, file: {path: /inventory.yaml}}]}\n")))
        .containsExactly("InventoryMissing inventory: no entry for Node \"node-a\"; an entry");
  }

  @Test
  void names_andAddresses_areRefusedEachAtItsPlace() {
    assertThat(words(forge().withEmail("a@example.com")))
        .containsExactly(
            "SanTypeNotAllowed request.san[2]: e-mail \"a@example.com\"; DNS names and IP addresses"
                + " only");
    assertThat(words(forge().withDns("a.cluster.local")))
        .contains(
            "NameReserved request.san[2]: DNS \"a.cluster.local\"; no name in the cluster domain"
                + " cluster.local");
    assertThat(
            words(
                Requests.of(forge().withIp("198.51.100.1")),
                Worlds.honest(),
                guarding("198.51.100.0/24")))
        .containsExactly(
            "ProtectedByPolicy request.san[2]: IP 198.51.100.1; no address in 198.51.100.0/24,"
                + " which the policy protects");
    assertThat(words(Requests.valid(), Worlds.honest(), guarding("198.51.100.0/24"))).isEmpty();
    assertThat(words(forge().withDns("node-b").withIp("192.0.2.11")))
        .contains(
            "SanNotNodeAddress request.san[2]: DNS \"node-b\"; one of the Node's addresses:"
                + " [node-a]",
            "SanNotNodeAddress request.san[3]: IP 192.0.2.11; one of the Node's addresses:"
                + " [192.0.2.10]");
  }

  @Test
  void changeOfNames_saysWhatCameAndWhatWent() {
    Facts served =
        Worlds.honest()
            .withServed(
                Fact.known(
                    Optional.of(
                        new ServedCertificate(
                            Worlds.nodeName("node-a"),
                            Worlds.ip("192.0.2.10"),
                            Set.of(Worlds.dns("node-z")),
                            Set.of(Worlds.ip("192.0.2.10")),
                            Instant.MAX))));

    assertThat(
            words(
                Requests.valid(),
                served,
                PolicyConfig.defaults()
                    .withRenewal(new Renewal(Renewal.OnChange.DEFER, true, 10_250))))
        .containsExactly(
            "SansChanged request.san: added [node-a], removed [node-z]; the names of the"
                + " certificate served now");
  }

  @Test
  void asManyNamesAsAllowed_andALongestRequest_pass() {
    Limits limits = DEFAULTS.limits();
    Requests request =
        Requests.of(forge().withKey(TestKeys.rsa(2048))).withUsages(Requests.USAGES_RSA);
    int bytes = request.csr().request().size();

    assertThat(words(request, Worlds.honest(), limited(bytes, 2, limits))).isEmpty();
    assertThat(words(request, Worlds.honest(), limited(bytes, 1, limits)))
        .containsExactly("SanTooMany request.san: 2 names; at most 1 (limits.names)");
    assertThat(words(request, Worlds.honest(), limited(bytes - 1, 2, limits)))
        .containsExactly(
            "RequestTooLarge spec.request: "
                + bytes
                + " bytes; at most "
                + (bytes - 1)
                + " bytes (limits.requestBytes)");
  }

  private static PolicyConfig limited(int bytes, int names, Limits limits) {
    return PolicyConfig.defaults()
        .withLimits(
            new Limits(bytes, names, limits.shortest(), limits.longest(), Optional.empty()));
  }

  @Test
  void internationalizedName_thatIsAllowed_mustStillBeAName() {
    PolicyConfig allowing = Given.policy("names: {allowIDN: [example.com]}\n");
    Facts node =
        Worlds.of(
            Worlds.node(
                "node-a",
                "uid-a",
                Worlds.hostname("node-a"),
                Worlds.internal("192.0.2.10"),
                Worlds.externalDns("xn--nxasmq6b.example.com")));

    assertThat(words(Requests.of(forge().withDns("xn--nxasmq6b.example.com")), node, allowing))
        .isEmpty();
    assertThat(words(Requests.of(forge().withDns("xn--a_b.example.com")), node, allowing))
        .containsExactly(
            "DnsSyntax request.san[2]: DNS \"xn--a_b.example.com\"; letters, digits and inner"
                + " hyphens in labels of 1 to 63, at most 253 characters");
    assertThat(words(Requests.of(forge().withDns("xn--nxasmq6b.example.org")), node, allowing))
        .hasSize(1);
  }

  @Test
  void holdings_areLookedAtOnlyWhereOwnershipIsEnforced() {
    Facts facts = Worlds.honest().withHoldings(Fact.unknown("not read"));
    Ownership ownership = DEFAULTS.ownership();
    PolicyConfig off =
        PolicyConfig.defaults()
            .withOwnership(
                new Ownership(
                    false,
                    Set.of(),
                    List.of(),
                    ownership.reclaim(),
                    ownership.siblingNames(),
                    ownership.perNode()));

    assertThat(words(Requests.valid(), facts, off)).isEmpty();
    assertThat(words(Requests.valid(), facts, DEFAULTS))
        .containsExactly(
            Reason.FACT_UNKNOWN.camelCase() + " facts.holdings: unknown: not read; known");
    assertThat(
            words(
                Requests.valid(),
                Worlds.holding(Worlds.ip("192.0.2.10"), new AddressOwnership.Unclaimed())
                    .withHoldings(Fact.unknown("not read"))
                    .withProtectedSpace(
                        Fact.known(
                            Worlds.cluster()
                                .service(
                                    "shop",
                                    "own",
                                    List.of(),
                                    List.of(Worlds.ip("192.0.2.10")),
                                    List.of())
                                .build())),
                DEFAULTS))
        .as("an address that a Service shares waits for the records; it is not refused")
        .containsExactly("FactUnknown facts.holdings: unknown: not read; known");
  }

  @Test
  void attributes_areCounted() {
    byte[] value = HexFormat.of().parseHex("3000");
    byte[] extensions =
        DerWriter.sequence(
            DerWriter.sequence(DerWriter.oid("1.2.3"), DerWriter.octetString(value)));

    assertThat(words(forge().withAttribute("1.2.840.113549.1.9.7", value)))
        .containsExactly(
            "RequestAttributeUnexpected request.attributes[1]: attribute \"1.2.840.113549.1.9.7\";"
                + " one extension request (1.2.840.113549.1.9.14) with one value");
    assertThat(words(forge().withSecondExtensionRequest("node-a")))
        .contains(
            "RequestAttributeUnexpected request.attributes[1]: another extension request; one"
                + " extension request (1.2.840.113549.1.9.14) with one value");
    assertThat(
            words(
                CsrForge.client("node-a")
                    .withAttribute("1.2.840.113549.1.9.14", extensions, extensions)))
        .contains(
            "RequestAttributeUnexpected request.attributes[0]: 2 values; one extension request"
                + " (1.2.840.113549.1.9.14) with one value");
  }

  private static PolicyConfig allowing(String pattern, String range) {
    return Given.policy("names: {allowedPatterns: [other.example.com, " + pattern + "]}\n")
        .withAddresses(
            new Addresses(
                List.of(Worlds.range("198.51.100.0/24"), Worlds.range(range)), List.of(), false));
  }

  @Test
  void whatTheFileAllows_passes_andNothingElse() {
    assertThat(words(Requests.valid(), Worlds.honest(), allowing("node-*", "192.0.2.0/24")))
        .isEmpty();
    assertThat(words(Requests.valid(), Worlds.honest(), allowing("worker-*", "192.0.3.0/24")))
        .containsExactly(
            "DnsOutsideAllowedPatterns request.san[0]: DNS \"node-a\"; a match of one of"
                + " names.allowedPatterns, [\"other.example.com\", \"worker-*\"]",
            "IpOutsideAllowedRanges request.san[1]: IP 192.0.2.10; an address in one of"
                + " addresses.allowedRanges, [198.51.100.0/24, 192.0.3.0/24]");
  }

  private static List<String> resolving(Requests request, Map<DnsName, Resolution> names) {
    return words(
        request,
        Worlds.honest().withResolution(Fact.known(names)),
        Given.policy("names: {resolution: Required}\n"));
  }

  private static Map<DnsName, Resolution> to(String... addresses) {
    return Map.of(
        Worlds.dns("node-a"),
        new Resolution.Addresses(Set.copyOf(List.of(addresses).stream().map(Worlds::ip).toList())));
  }

  @Test
  void name_mustResolveToTheNodeOnly() {
    Requests nameOnly = Requests.of(CsrForge.client("node-a").withDns("node-a"));

    assertThat(resolving(Requests.valid(), to("192.0.2.10"))).isEmpty();
    assertThat(resolving(nameOnly, to("192.0.2.10"))).as("on record as the Node's").isEmpty();
    assertThat(resolving(nameOnly, to("192.0.2.99", "192.0.2.98", "192.0.2.10")))
        .containsExactly(
            "DnsResolvesElsewhere request.san[0]: DNS \"node-a\", which resolves to [192.0.2.98,"
                + " 192.0.2.99]; a name that resolves only to addresses of the request or on record"
                + " as the Node's");
    assertThat(resolving(nameOnly, Map.of()))
        .containsExactly(
            "DnsUnresolved request.san[0]: DNS \"node-a\", which does not resolve; a name that"
                + " resolves to the Node");
  }

  @Test
  void signature_byAKeyThatIsRefusedAnyway_isNotVerified() {
    CsrForge broken = forge().withKey(TestKeys.rsa(2048)).withBrokenSignature();
    Requests request = Requests.of(broken).withUsages(Requests.USAGES_RSA);

    assertThat(words(request, Worlds.honest(), keys("P-256", 2048, 2048)))
        .containsExactly(
            "PossessionNotProven request.signature: a RSA_PKCS1_SHA256 signature that does not"
                + " verify; one made with the private key of the request");
    assertThat(
            words(
                Requests.of(forge().withKey(TestKeys.rsa(3072)).withBrokenSignature())
                    .withUsages(Requests.USAGES_RSA),
                Worlds.honest(),
                keys("P-256", 2048, 2048)))
        .containsExactly("KeySizeNotAllowed request.key: RSA of 3072 bits; 2048 to 2048 bits");
    assertThat(
            words(
                Requests.of(forge().withKey(TestKeys.ed25519()).withBrokenSignature()),
                Worlds.honest(),
                PolicyConfig.defaults()
                    .withKeys(new Keys(Set.of(KeyAlgorithm.ECDSA), Set.of("P-256"), 2048, 2048))))
        .containsExactly(
            "KeyAlgorithmNotAllowed request.key: ED25519; one of [ECDSA], ECDSA on [P-256]");
  }

  @Test
  void usages_areOneOfTwoSets_whateverTheKey() {
    assertThat(words(Requests.valid().withUsages("client auth"), Worlds.honest(), DEFAULTS))
        .containsExactly(
            "UsagesNotPermitted spec.usages: [\"client auth\"]; exactly [digital signature, server"
                + " auth], or these with key encipherment");
    assertThat(words(forge().withKey(TestKeys.rsa(2048)))).isEmpty();
    assertThat(
            words(
                Requests.of(forge().withKey(TestKeys.rsa(2048)))
                    .withUsages("key encipherment", "server auth"),
                Worlds.honest(),
                DEFAULTS))
        .containsExactly(
            "UsagesNotPermitted spec.usages: [\"key encipherment\", \"server auth\"]; exactly"
                + " [digital signature, server auth], or these with key encipherment");
  }

  @Test
  void rules_passRefuseOrStayUndecided() {
    assertThat(rule("request.name == 'csr-1'")).isEmpty();
    assertThat(rule("request.name == 'csr-2'"))
        .containsExactly("RuleRefusedRequest rules.r: refused: not that one; true");
    assertThat(rule("request.groups[7] == ''"))
        .as("nothing is denied for what could not be evaluated")
        .singleElement()
        .asString()
        .startsWith("RuleUndecided rules.r: undecided: ");
    assertThat(rule("node.name == 'node-a'")).isEmpty();
    assertThat(rule("node.name == 'node-b'"))
        .containsExactly("RuleRefused rules.r: refused: not that one; true");
  }

  private static List<String> rule(String expression) {
    return words(
        Requests.valid(),
        Worlds.honest(),
        Given.policy(
            "rules: [{name: r, message: not that one, expression: \"%s\"}]".formatted(expression)));
  }

  @Test
  void accessRefused_saysWhatWasAskedForAndWhyNot() {
    String may = "; the right to create certificatesigningrequests";
    String who = "AccessRefused spec.username: \"system:node:node-a\" may not";

    assertThat(access("", "subjectAccessReview: {}"))
        .containsExactly(who + may + ".certificates.k8s.io");
    assertThat(access("no rule", "subjectAccessReview: {subresource: selfnodeserver}"))
        .containsExactly(who + ": \"no rule\"" + may + "/selfnodeserver.certificates.k8s.io");
  }

  private static List<String> access(String why, String spec) {
    return words(
        Requests.valid(),
        Worlds.honest().withAccess(Fact.known(new AccessReview.Refused(why))),
        Given.policy(spec));
  }

  @Test
  void requestThatCannotBeRead_isNamedByThePlaceInIt() {
    assertThat(words(Requests.ofPem("hello"), Worlds.honest(), DEFAULTS))
        .containsExactly(
            "RequestMalformed spec.request.pem line 1: \"hello\"; -----BEGIN CERTIFICATE"
                + " REQUEST-----");
    assertThat(words(forge().withTrailing((byte) 0)))
        .singleElement()
        .asString()
        .matches("RequestMalformed request byte \\d+: 1 bytes after the value; nothing");
  }
}
