package dev.countersign.policy;

import static dev.countersign.policy.Worlds.dns;
import static dev.countersign.policy.Worlds.hostname;
import static dev.countersign.policy.Worlds.internal;
import static dev.countersign.policy.Worlds.ip;
import static dev.countersign.policy.Worlds.node;
import static dev.countersign.policy.Worlds.nodeName;
import static dev.countersign.policy.Worlds.range;
import static dev.countersign.testkit.CsrForge.CN;
import static dev.countersign.testkit.CsrForge.O;
import static dev.countersign.testkit.CsrForge.OU;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Addresses;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.Keys;
import dev.countersign.policy.config.Limits;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import dev.countersign.policy.rule.Rule;
import dev.countersign.policy.rule.RuleSet;
import dev.countersign.policy.rule.Rules;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.CsrForge.Rdn;
import dev.countersign.testkit.CsrForge.Text;
import dev.countersign.testkit.TestKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A valid baseline with one fault each; the decision has exactly the one reason. */
class OneFaultTest {
  private record Case(
      Reason reason, String what, Requests request, Facts facts, PolicyConfig config) {}

  private static final PolicyConfig DEFAULTS = PolicyConfig.defaults();
  private static final Rdn NODES = new Rdn(O, Text.PRINTABLE, "system:nodes");
  private static final Rdn NAME = new Rdn(CN, Text.PRINTABLE, "system:node:node-a");
  private static final List<Case> CASES = new ArrayList<>();

  private static CsrForge forge() {
    return CsrForge.serving(Requests.NODE);
  }

  private static void add(Reason reason, String what, CsrForge forge) {
    add(reason, what, Requests.of(forge));
  }

  private static void add(Reason reason, String what, Requests request) {
    add(reason, what, request, Worlds.honest(), DEFAULTS);
  }

  private static void add(Reason reason, String what, Facts facts) {
    add(reason, what, Requests.valid(), facts, DEFAULTS);
  }

  private static void add(
      Reason reason, String what, Requests request, Facts facts, PolicyConfig config) {
    CASES.add(new Case(reason, what, request, facts, config));
  }

  private static void dnsFault(Reason reason, String name) {
    add(reason, "DNS " + name, forge().withDns(name));
  }

  private static void ipFault(Reason reason, String address) {
    add(reason, "IP " + address, forge().withIp(address));
  }

  static {
    // encoding
    add(Reason.REQUEST_MALFORMED, "no PEM", Requests.ofPem("hello"));
    add(Reason.REQUEST_MALFORMED, "empty", Requests.ofPem(""));
    add(Reason.REQUEST_MALFORMED, "trailing bytes", forge().withTrailing((byte) 0));
    add(Reason.REQUEST_MALFORMED, "two blocks", Requests.ofPem(forge().pem() + forge().pem()));
    add(
        Reason.REQUEST_MALFORMED,
        "another label",
        Requests.ofPem(CsrForge.pem("CERTIFICATE", forge().der())));
    add(
        Reason.REQUEST_TOO_LARGE,
        "blank lines",
        Requests.ofPem(forge().pem() + "\n".repeat(16 * 1024)));
    add(
        Reason.REQUEST_ATTRIBUTE_UNEXPECTED,
        "challenge password",
        forge().withAttribute("1.2.840.113549.1.9.7", HexFormat.of().parseHex("0c0161")));
    add(
        Reason.REQUEST_ATTRIBUTE_UNEXPECTED,
        "attribute nobody knows",
        forge().withAttribute("1.3.6.1.4.1.99999.1", HexFormat.of().parseHex("0500")));

    // subject
    add(Reason.SUBJECT_COMMON_NAME_NOT_EXACT, "none", forge().withSubject(NODES));
    add(Reason.SUBJECT_COMMON_NAME_NOT_EXACT, "twice", forge().plusSubject(NAME));
    add(
        Reason.SUBJECT_COMMON_NAME_NOT_EXACT,
        "another one as well",
        forge().plusSubject(new Rdn(CN, Text.UTF8, "system:node:node-b")));
    add(
        Reason.SUBJECT_COMMON_NAME_NOT_EXACT,
        "not a node's",
        Requests.of(forge().withSubject(NODES, new Rdn(CN, Text.PRINTABLE, "admin")))
            .withRequestor("admin", "system:nodes", "system:authenticated"),
        Worlds.honest(),
        Given.policy("requestors: {others: Deny}\n"));
    add(Reason.SUBJECT_ORGANIZATION_NOT_EXACT, "none", forge().withSubject(NAME));
    add(
        Reason.SUBJECT_ORGANIZATION_NOT_EXACT,
        "masters as well",
        forge().plusSubject(new Rdn(O, Text.PRINTABLE, "system:masters")));
    add(
        Reason.SUBJECT_ORGANIZATION_NOT_EXACT,
        "masters instead",
        forge().withSubject(new Rdn(O, Text.PRINTABLE, "system:masters"), NAME));
    add(Reason.SUBJECT_ORGANIZATION_NOT_EXACT, "twice", forge().plusSubject(NODES));
    add(
        Reason.SUBJECT_ORGANIZATION_NOT_EXACT,
        "other case",
        forge().withSubject(new Rdn(O, Text.PRINTABLE, "system:Nodes"), NAME));
    add(
        Reason.SUBJECT_ATTRIBUTE_UNEXPECTED,
        "unit",
        forge().plusSubject(new Rdn(OU, Text.PRINTABLE, "x")));
    add(
        Reason.SUBJECT_ATTRIBUTE_UNEXPECTED,
        "serial number",
        forge().plusSubject(new Rdn("2.5.4.5", Text.PRINTABLE, "1")));
    add(
        Reason.SUBJECT_ATTRIBUTE_UNEXPECTED,
        "both in one RDN",
        forge().withRdns(List.of(List.of(NODES, NAME))));
    add(
        Reason.SUBJECT_STRING_TYPE,
        "BMPString",
        forge().withSubject(NODES, new Rdn(CN, Text.BMP, "system:node:node-a")));
    add(
        Reason.SUBJECT_STRING_TYPE,
        "TeletexString",
        forge().withSubject(new Rdn(O, Text.TELETEX, "system:nodes"), NAME));
    add(
        Reason.SUBJECT_STRING_TYPE,
        "IA5String",
        forge().withSubject(NODES, new Rdn(CN, Text.IA5, "system:node:node-a")));
    for (String bad :
        List.of("", "Node-A", "node_a", "-node", "node.", "a..b", "node-a\n", "nod\u0435", "a b")) {
      String user = "system:node:" + bad;
      add(
          Reason.NODE_NAME_SYNTAX,
          "[" + bad + "]",
          Requests.of(forge().withSubject(NODES, new Rdn(CN, Text.UTF8, user)))
              .withRequestor(user, "system:nodes", "system:authenticated"));
    }

    // requestor
    add(
        Reason.USERNAME_NOT_COMMON_NAME,
        "another node",
        Requests.valid()
            .withRequestor("system:node:node-b", "system:nodes", "system:authenticated"));
    add(
        Reason.USERNAME_NOT_COMMON_NAME,
        "a prefix of it",
        Requests.valid()
            .withRequestor("system:node:node-", "system:nodes", "system:authenticated"));
    Requests byToken =
        Requests.valid()
            .withRequestor("system:bootstrap:abcdef", "system:nodes", "system:authenticated");
    add(
        Reason.USERNAME_NOT_COMMON_NAME,
        "a bootstrap token",
        byToken,
        Worlds.honest(),
        Given.policy("requestors: {others: Deny}\n"));
    add(
        Reason.REQUESTOR_NOT_NODE,
        "a bootstrap token",
        byToken,
        Worlds.honest(),
        Given.policy("requestors: {others: Defer}\n"));
    add(
        Reason.GROUP_MISSING,
        "no nodes",
        Requests.valid().withRequestor("system:node:node-a", "system:authenticated"));
    add(
        Reason.GROUP_MISSING,
        "not authenticated",
        Requests.valid().withRequestor("system:node:node-a", "system:nodes"));

    // usages, expiration
    for (List<String> usages :
        List.of(
            List.<String>of(),
            List.of("server auth"),
            List.of("digital signature"),
            List.of("digital signature", "key encipherment"),
            List.of("digital signature", "server auth", "client auth"),
            List.of("digital signature", "client auth"),
            List.of("digital signature", "server auth", "cert sign"),
            List.of("digital signature", "server auth", "any"),
            List.of("digital signature", "server auth", "server auth"),
            List.of("signing", "server auth"),
            List.of("Digital Signature", "Server Auth"),
            List.of("digital signature", "key encipherment", "server auth", "code signing"))) {
      add(Reason.USAGES_NOT_PERMITTED, usages.toString(), Requests.valid().withUsages(usages));
    }
    for (long seconds : List.of(-1L, 0L, 599L, 366L * 86400 + 1)) {
      add(
          Reason.EXPIRATION_OUT_OF_BOUNDS,
          seconds + " s",
          Requests.valid().withExpiration(seconds));
    }

    // key
    add(
        Reason.KEY_ALGORITHM_NOT_ALLOWED,
        "curve the policy does not list",
        Requests.of(forge().withKey(TestKeys.p521())),
        Worlds.honest(),
        PolicyConfig.defaults()
            .withKeys(
                new Keys(DEFAULTS.keys().algorithms(), Set.of("P-256", "P-384"), 2048, 8192)));
    add(
        Reason.KEY_ALGORITHM_NOT_ALLOWED,
        "algorithm the policy does not list",
        Requests.of(forge().withKey(TestKeys.ed25519())),
        Worlds.honest(),
        PolicyConfig.defaults()
            .withKeys(
                new Keys(
                    Set.of(dev.countersign.x509.request.KeyAlgorithm.ECDSA),
                    Set.of("P-256"),
                    2048,
                    8192)));
    add(
        Reason.KEY_SIZE_NOT_ALLOWED,
        "RSA 1024",
        Requests.of(forge().withKey(TestKeys.rsa(1024))).withUsages(Requests.USAGES_RSA));
    add(
        Reason.KEY_SIZE_NOT_ALLOWED,
        "RSA 3072 where 2048 is the longest",
        Requests.of(forge().withKey(TestKeys.rsa(3072))).withUsages(Requests.USAGES_RSA),
        Worlds.honest(),
        PolicyConfig.defaults()
            .withKeys(
                new Keys(DEFAULTS.keys().algorithms(), DEFAULTS.keys().curves(), 2048, 2048)));
    add(
        Reason.KEY_KNOWN_WEAK,
        "RSA with exponent 3",
        Requests.of(forge().withKey(TestKeys.rsaOfExponentThree()))
            .withUsages(Requests.USAGES_RSA));
    add(Reason.SIGNATURE_ALGORITHM_NOT_ALLOWED, "SHA-1", forge().withSignature("SHA1withECDSA"));
    add(
        Reason.SIGNATURE_ALGORITHM_NOT_ALLOWED,
        "SHA-224, which Kubernetes does not verify",
        forge().withSignature("SHA224withECDSA"));
    add(Reason.POSSESSION_NOT_PROVEN, "one bit flipped", forge().withBrokenSignature());
    add(
        Reason.POSSESSION_NOT_PROVEN,
        "someone else's key",
        forge().signedBy(TestKeys.otherP256().getPrivate()));

    // extensions
    add(Reason.CA_REQUESTED, "basicConstraints", forge().withAuthorityConstraint());
    add(
        Reason.CA_REQUESTED,
        "basicConstraints with a path length only",
        forge().withExtension("2.5.29.19", false, HexFormat.of().parseHex("3003020100")));
    add(
        Reason.CA_REQUESTED,
        "keyCertSign",
        forge().withExtension("2.5.29.15", true, HexFormat.of().parseHex("03020204")));
    add(
        Reason.CA_REQUESTED,
        "cRLSign",
        forge().withExtension("2.5.29.15", true, HexFormat.of().parseHex("03020102")));
    add(Reason.EXTENSION_DUPLICATE, "two SANs", forge().withSecondSanExtension("node-a"));
    add(
        Reason.EXTENSION_UNEXPECTED,
        "basicConstraints of no authority",
        forge().withExtension("2.5.29.19", true, HexFormat.of().parseHex("3000")));
    add(
        Reason.EXTENSION_UNEXPECTED,
        "keyUsage digitalSignature",
        forge().withExtension("2.5.29.15", true, HexFormat.of().parseHex("03020780")));
    add(
        Reason.EXTENSION_UNEXPECTED,
        "extKeyUsage clientAuth",
        forge()
            .withExtension(
                "2.5.29.37", false, HexFormat.of().parseHex("300a06082b06010505070302")));
    add(
        Reason.EXTENSION_UNEXPECTED,
        "one nobody knows",
        forge().withExtension("1.3.6.1.4.1.99999.2", false, HexFormat.of().parseHex("0500")));

    // names: form
    add(Reason.SAN_MISSING, "none", forge().withoutSans());
    add(Reason.SAN_TYPE_NOT_ALLOWED, "e-mail", forge().withEmail("root@example.com"));
    add(Reason.SAN_TYPE_NOT_ALLOWED, "URI", forge().withUri("spiffe://example.com/a"));
    add(Reason.SAN_TYPE_NOT_ALLOWED, "directory", forge().withDirectoryName("node-a"));
    add(
        Reason.SAN_TYPE_NOT_ALLOWED,
        "other name",
        forge().withOtherName("1.3.6.1.4.1.311.20.2.3", "root@example.com"));
    add(Reason.SAN_TYPE_NOT_ALLOWED, "registered id", forge().withRegisteredId("1.2.3"));
    for (int size : List.of(0, 1, 5, 8, 15, 17, 32)) {
      add(Reason.SAN_MALFORMED, "IP of " + size, forge().withIpBytes(new byte[size]));
    }
    CsrForge many = forge();
    for (int i = 0; i < 99; i++) {
      many = many.withIp("192.0.2.10");
    }
    add(Reason.SAN_TOO_MANY, "101", many);
    for (String name : List.of("*", "*.example.com", "node-*", "a.*.example.com", "*.10.0.0.1")) {
      dnsFault(Reason.DNS_WILDCARD, name);
    }
    for (String name :
        List.of(
            "",
            "-node",
            "node-",
            "a..b",
            ".node",
            "node a",
            "node\u0000.example.com",
            "node\n",
            "a".repeat(64),
            ("a".repeat(60) + ".").repeat(4) + "aaaaaaaaaaaa",
            "node/a",
            "https://node-a",
            "node-a:10250",
            "a@b",
            "[node]",
            "1.2.3.256x-",
            "..")) {
      dnsFault(Reason.DNS_SYNTAX, name);
    }
    dnsFault(Reason.DNS_SYNTAX, "xn--a_b.example.com");
    dnsFault(Reason.DNS_UNDERSCORE, "node_a");
    dnsFault(Reason.DNS_UNDERSCORE, "1.2.3.256x_");
    dnsFault(Reason.DNS_UNDERSCORE, "_ldap._tcp.example.com");
    dnsFault(Reason.DNS_REPEATS_ADDRESS, "192.0.2.10");
    dnsFault(Reason.DNS_TRAILING_DOT, "node-a.");
    dnsFault(Reason.DNS_TRAILING_DOT, "node-a.example.com.");
    dnsFault(Reason.DNS_INTERNATIONALIZED, "xn--nde-a-8ta");
    dnsFault(Reason.DNS_INTERNATIONALIZED, "a.XN--abc.example.com");
    for (String name :
        List.of(
            "10.0.0.1",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "10.0.0.1.",
            "0",
            "::1",
            "fd00::1",
            "[::1]",
            "fe80::1%eth0",
            "::ffff:10.0.0.1",
            "1.2.3.4")) {
      dnsFault(Reason.DNS_IS_ADDRESS, name);
    }
    add(
        Reason.IP_EMBEDS_IPV4,
        "mapped",
        forge().withIpBytes(HexFormat.of().parseHex("00000000000000000000ffffc000020a")));
    ipFault(Reason.IP_EMBEDS_IPV4, "::192.0.2.10");
    ipFault(Reason.IP_EMBEDS_IPV4, "64:ff9b::192.0.2.10");
    for (String address :
        List.of(
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "239.255.255.255",
            "255.255.255.255",
            "::",
            "::1",
            "ff02::1")) {
      ipFault(Reason.IP_SPECIAL, address);
    }
    for (String address : List.of("169.254.169.254", "169.254.0.0", "fe80::1", "febf::1")) {
      add(
          Reason.IP_LINK_LOCAL,
          address,
          Requests.of(forge().withIp(address)),
          Worlds.of(
              node(
                  "node-a",
                  Worlds.UID,
                  hostname("node-a"),
                  internal("192.0.2.10"),
                  internal(address))),
          DEFAULTS);
    }

    // names: bounds without the cluster
    for (String name :
        List.of(
            "localhost",
            "LOCALHOST",
            "a.localhost",
            "localhost.localdomain",
            "ip6-localhost",
            "kubernetes",
            "Kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "KUBERNETES.DEFAULT.SVC",
            "kubernetes.default.svc.cluster.local",
            "kubernetes.default.svc.k8s.example.com",
            "web.shop.svc",
            "web.shop.svc.cluster.local",
            "cluster.local",
            "node-a.cluster.local")) {
      dnsFault(Reason.NAME_RESERVED, name);
    }
    PolicyConfig guarded =
        PolicyConfig.defaults()
            .withGuard(
                new Guard(
                    List.of(),
                    List.of(dns("vault.example.com")),
                    List.of(dns("internal.example.com")),
                    List.of(range("192.0.2.128/25")),
                    true,
                    Set.of(),
                    Guard.ClusterCidrs.defaults()));
    add(
        Reason.PROTECTED_BY_POLICY,
        "name",
        Requests.of(forge().withDns("Vault.example.com")),
        Worlds.honest(),
        guarded);
    add(
        Reason.PROTECTED_BY_POLICY,
        "domain",
        Requests.of(forge().withDns("a.internal.example.com")),
        Worlds.honest(),
        guarded);
    add(
        Reason.PROTECTED_BY_POLICY,
        "range",
        Requests.of(forge().withIp("192.0.2.200")),
        Worlds.honest(),
        guarded);
    for (Guard.ClusterCidrs cidrs :
        List.of(
            new Guard.ClusterCidrs(List.of(range("192.0.2.128/25")), List.of(), 24, 64),
            new Guard.ClusterCidrs(List.of(), List.of(range("192.0.2.128/25")), 24, 64))) {
      add(
          Reason.PROTECTED_BY_POLICY,
          cidrs.pods().isEmpty() ? "Service range" : "Pod range",
          Requests.of(forge().withIp("192.0.2.200")),
          Worlds.honest(),
          PolicyConfig.defaults().withGuard(Guard.defaults().withCidrs(cidrs)));
    }
    add(
        Reason.IP_OUTSIDE_ALLOWED_RANGES,
        "other range",
        Requests.valid(),
        Worlds.honest(),
        PolicyConfig.defaults()
            .withAddresses(new Addresses(List.of(range("198.51.100.0/24")), List.of(), false)));
    add(
        Reason.IP_OUTSIDE_ALLOWED_RANGES,
        "other family",
        Requests.valid(),
        Worlds.honest(),
        PolicyConfig.defaults()
            .withAddresses(new Addresses(List.of(range("::/0")), List.of(), false)));
    add(
        Reason.DNS_OUTSIDE_ALLOWED_PATTERNS,
        "other pattern",
        Requests.valid(),
        Worlds.honest(),
        Given.policy("names: {allowedPatterns: [node-*.example.com]}\n"));
    add(
        Reason.DNS_WITHOUT_NODE_NAME,
        "a name of its own",
        Requests.of(forge().withDns("web.example.com")),
        Worlds.honest(),
        Given.policy("names: {nodeNamePrefix: Required}\n"));
    add(
        Reason.DNS_WITHOUT_NODE_NAME,
        "a name that the Node's only begins",
        Requests.of(forge().withDns("node-ab.example.com")),
        Worlds.honest(),
        Given.policy("names: {nodeNamePrefix: Required}\n"));

    // cluster
    add(Reason.FACT_UNKNOWN, "node", Worlds.honest().withNode(Fact.unknown("time-out")));
    add(
        Reason.FACT_UNKNOWN,
        "protected",
        Worlds.honest().withProtectedSpace(Fact.unknown("time-out")));
    add(Reason.FACT_UNKNOWN, "holdings", Worlds.honest().withHoldings(Fact.unknown("time-out")));
    add(Reason.NODE_MISSING, "none", Worlds.honest().withNode(Fact.known(Optional.empty())));
    add(
        Reason.NODE_MISSING,
        "another one",
        Worlds.honest()
            .withNode(
                Fact.known(
                    Optional.of(
                        node("node-b", "uid-b", hostname("node-a"), internal("192.0.2.10"))))));
    add(
        Reason.SAN_NOT_NODE_ADDRESS,
        "no such address",
        Worlds.honest()
            .withNode(Fact.known(Optional.of(node("node-a", Worlds.UID, hostname("node-a"))))));
    add(
        Reason.SAN_NOT_NODE_ADDRESS,
        "no such name",
        Worlds.honest()
            .withNode(Fact.known(Optional.of(node("node-a", Worlds.UID, internal("192.0.2.10"))))));
    add(
        Reason.SAN_NOT_NODE_ADDRESS,
        "a name in the place of an address",
        Worlds.honest()
            .withNode(
                Fact.known(
                    Optional.of(
                        node("node-a", Worlds.UID, internal("node-a"), internal("192.0.2.10"))))));
    add(
        Reason.SAN_NOT_NODE_ADDRESS,
        "an address in the place of a name",
        Worlds.honest()
            .withNode(
                Fact.known(
                    Optional.of(
                        node(
                            "node-a",
                            Worlds.UID,
                            hostname("node-a"),
                            new NodeAddress(NodeAddress.Type.INTERNAL_DNS, "192.0.2.10"))))));
    add(
        Reason.SERVICE_RANGE_UNKNOWN,
        "no ServiceCIDR",
        Requests.valid(),
        Worlds.honest()
            .withProtectedSpace(
                Fact.known(
                    Worlds.cluster()
                        .serviceRangesUnknown(
                            new ServiceRangesUnknown("there are none", Optional.empty()))
                        .build())),
        DEFAULTS);
    for (String address : List.of("10.3.0.1", "10.3.0.200", "192.0.2.1")) {
      add(
          Reason.SAN_PROTECTED_BY_CLUSTER,
          address,
          Requests.of(forge().withIp(address)),
          Worlds.of(
              node(
                  "node-a",
                  Worlds.UID,
                  hostname("node-a"),
                  internal("192.0.2.10"),
                  internal(address))),
          DEFAULTS);
    }
    for (String name : List.of("web.shop", "api.example.com", "WEB.shop")) {
      add(
          Reason.SAN_PROTECTED_BY_CLUSTER,
          name,
          Requests.of(forge().withDns(name)),
          Worlds.of(
              node(
                  "node-a",
                  Worlds.UID,
                  hostname("node-a"),
                  internal("192.0.2.10"),
                  Worlds.internalDns(name))),
          DEFAULTS);
    }
    add(
        Reason.ADDRESS_OWNED_BY_OTHER_NODE,
        "address",
        Worlds.holding(
            ip("192.0.2.10"),
            new AddressOwnership.HeldBy(nodeName("node-b"), "uid-b", Requests.NOW)));
    add(
        Reason.ADDRESS_OWNED_BY_OTHER_NODE,
        "name",
        Worlds.holding(
            dns("node-a"), new AddressOwnership.HeldBy(nodeName("node-b"), "uid-b", Requests.NOW)));
    add(
        Reason.ADDRESS_CONTESTED,
        "address",
        Worlds.holding(
            ip("192.0.2.10"),
            new AddressOwnership.Contested(List.of(nodeName("node-b"), nodeName("node-a")))));
    add(
        Reason.ADDRESS_RESERVED,
        "address",
        Worlds.holding(
            ip("192.0.2.10"), new AddressOwnership.Reserved(nodeName("node-a"), Requests.NOW)));
    add(
        Reason.ADDRESS_CLAIM_UNRECORDED,
        "address",
        Worlds.holding(ip("192.0.2.10"), new AddressOwnership.Unclaimed()));
    add(
        Reason.ADDRESS_CLAIM_UNRECORDED,
        "by a former Node of the name",
        Worlds.holding(
            ip("192.0.2.10"),
            new AddressOwnership.HeldBy(nodeName("node-a"), "uid-old", Requests.NOW)));

    add(
        Reason.SIBLING_NAME_NOT_ASSIGNED,
        "a name of another Node's form",
        Requests.of(forge().withDns("node-z")),
        Worlds.holding(dns("node-z"), new AddressOwnership.Unclaimed())
            .withNode(
                Fact.known(
                    Optional.of(
                        node(
                            Requests.NODE,
                            Worlds.UID,
                            hostname(Requests.NODE),
                            internal("192.0.2.10"),
                            Worlds.internalDns("node-z"))))),
        DEFAULTS);

    // cluster: on request
    add(
        Reason.ACCESS_REFUSED,
        "refused",
        Requests.valid(),
        Worlds.honest().withAccess(Fact.known(new AccessReview.Refused("no RBAC policy matched"))),
        PolicyConfig.defaults().withAccess(Optional.of(AccessAttributes.defaults())));
    PolicyConfig resolving = Given.policy("names: {resolution: Required}\n");
    add(
        Reason.DNS_UNRESOLVED,
        "no such name",
        Requests.valid(),
        Worlds.honest().withResolution(Fact.known(Map.of(dns("node-a"), new Resolution.None()))),
        resolving);
    add(
        Reason.DNS_RESOLVES_ELSEWHERE,
        "one address too many",
        Requests.valid(),
        Worlds.honest()
            .withResolution(
                Fact.known(
                    Map.of(
                        dns("node-a"),
                        new Resolution.Addresses(Set.of(ip("192.0.2.10"), ip("192.0.2.11")))))),
        resolving);
    add(
        Reason.INVENTORY_MISSING,
        "no entry",
        Requests.valid(),
        Worlds.honest().withInventory(Map.of("cmdb", Fact.known(Optional.empty()))),
        inventory(Inventory.Combine.ANY));
    add(
        Reason.INVENTORY_MISMATCH,
        "other address",
        Requests.valid(),
        Worlds.honest()
            .withInventory(
                Map.of(
                    "cmdb",
                    Fact.known(
                        Optional.of(
                            new InventoryEntry(
                                Set.of(dns("node-a")), Set.of(ip("192.0.2.11")), List.of()))))),
        inventory(Inventory.Combine.ANY));
    add(
        Reason.SANS_CHANGED,
        "an address more",
        Requests.valid(),
        Worlds.honest()
            .withServed(
                Fact.known(
                    Optional.of(
                        new ServedCertificate(
                            nodeName("node-a"),
                            ip("192.0.2.10"),
                            Set.of(dns("node-a")),
                            Set.of(),
                            Instant.MAX)))),
        PolicyConfig.defaults().withRenewal(new Renewal(Renewal.OnChange.DEFER, true, 10_250)));
    add(
        Reason.PENDING_LIMIT,
        "two newer",
        Requests.valid(),
        Worlds.honest().withNewerPending(Fact.known(2)),
        PolicyConfig.defaults()
            .withLimits(
                new Limits(
                    16384, 100, Duration.ofMinutes(10), Duration.ofDays(366), Optional.of(2))));
    add(
        Reason.RULE_REFUSED_REQUEST,
        "request.name",
        Requests.valid(),
        Worlds.honest(),
        PolicyConfig.defaults().withRules(rules("!request.name.startsWith('csr')")));
    add(
        Reason.RULE_REFUSED,
        "node.labels",
        Requests.valid(),
        Worlds.honest(),
        PolicyConfig.defaults().withRules(rules("'zone' in node.labels")));
    add(
        Reason.RULE_UNDECIDED,
        "missing key",
        Requests.valid(),
        Worlds.honest(),
        PolicyConfig.defaults().withRules(rules("node.labels['zone'] == 'a'")));
  }

  private static RuleSet rules(String expression) {
    return new RuleSet(
        List.of(Rules.compile("r", expression, "m", Rule.DEFAULT_COST_LIMIT).orThrow()));
  }

  private static PolicyConfig inventory(Inventory.Combine combine) {
    return PolicyConfig.defaults()
        .withInventory(
            Optional.of(
                new Inventory(
                    List.of(new InventorySource.File("cmdb", "/inventory.yaml")), combine, false)));
  }

  @TestFactory
  Collection<DynamicTest> oneFault_givesExactlyItsReason() {
    return CASES.stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.reason() + ": " + one.what().replaceAll("\\p{Cntrl}", "?"),
                    () -> check(one)))
        .toList();
  }

  private static void check(Case one) {
    Decision decision = Policy.decide(one.request().csr(), one.facts(), one.config());

    assertThat(decision.violations().stream().map(Violation::reason).collect(Collectors.toSet()))
        .as("%s", decision)
        .containsExactly(one.reason());
    assertThat(decision)
        .isInstanceOf(
            one.reason().evidence().isFinal() ? Decision.Deny.class : Decision.Defer.class);
  }

  @Test
  void everyReason_hasACaseWithExactlyOneFault() {
    Set<Reason> covered = EnumSet.noneOf(Reason.class);
    CASES.forEach(one -> covered.add(one.reason()));

    assertThat(covered).isEqualTo(SignerReasons.serving());
  }
}
