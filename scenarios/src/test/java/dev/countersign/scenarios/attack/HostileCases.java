package dev.countersign.scenarios.attack;

import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.ViolationScope;
import dev.countersign.testbed.trial.CsrProbe;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.CsrForge.Rdn;
import dev.countersign.testkit.CsrForge.Text;
import dev.countersign.testkit.TestKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Hostile requests of a node.
 *
 * @param node the attacker's
 * @param address its own
 * @param victim another node
 * @param victimAddress that node's address
 * @param apiServer an address of the API server
 * @param serviceRangesKnown whether the cluster tells from which range Services get addresses
 */
record HostileCases(
    String node,
    String address,
    String victim,
    String victimAddress,
    String apiServer,
    boolean serviceRangesKnown) {
  private static final List<String> USAGES_WITH_ENCIPHERMENT =
      List.of("digital signature", "key encipherment", "server auth");

  /** Who refuses a request, and why. */
  sealed interface Refusal {
    /** Kubernetes does not take it, and says so in these words. */
    record ByKubernetes(String words) implements Refusal {}

    /** Denied, for exactly these reasons. */
    record Denied(Set<Reason> reasons) implements Refusal {}

    /** Held, for these reasons at least: others depend on what else is in the cluster. */
    record Held(Set<Reason> reasons) implements Refusal {}
  }

  /** One request, its usages and lifetime, and what is to become of it. */
  record Case(
      String title,
      String pem,
      List<String> usages,
      OptionalInt expirationSeconds,
      Refusal expected) {
    @Override
    public String toString() {
      return title;
    }
  }

  private CsrForge honest() {
    return CsrForge.client(node).withDns(node).withIp(address);
  }

  private CsrForge named(String dns) {
    return CsrForge.client(node).withDns(dns).withIp(address);
  }

  private CsrForge addressed(String ip) {
    return CsrForge.client(node).withDns(node).withIp(ip);
  }

  /** All of them. */
  List<Case> all() {
    List<Case> cases = new ArrayList<>();
    addSubjects(cases);
    addNames(cases);
    addAddresses(cases);
    addExtensions(cases);
    addKeysAndUsages(cases);
    return cases;
  }

  /** Whose name is in the subject. */
  private void addSubjects(List<Case> cases) {
    Refusal notItsOwn =
        new Refusal.ByKubernetes("can only create a node CSR with CN=system:node:" + node);
    Refusal organization = because(Reason.SUBJECT_ORGANIZATION_NOT_EXACT);
    add(
        cases,
        "another node's name as subject",
        CsrForge.client(victim).withDns(victim).withIp(victimAddress),
        notItsOwn);
    add(cases, "no common name", honest().withSubject(o("system:nodes")), notItsOwn);
    add(cases, "two common names", honest().plusSubject(cn("system:node:" + victim)), notItsOwn);
    add(
        cases,
        "common name without prefix",
        honest().withSubject(o("system:nodes"), cn(node)),
        notItsOwn);
    add(
        cases,
        "common name in capitals",
        honest()
            .withSubject(
                o("system:nodes"), cn("system:node:" + node.toUpperCase(java.util.Locale.ROOT))),
        notItsOwn);
    add(
        cases,
        "common name with a trailing space",
        honest().withSubject(o("system:nodes"), cn("system:node:" + node + " ")),
        notItsOwn);
    add(
        cases,
        "common name of the API server",
        honest().withSubject(o("system:nodes"), cn("kube-apiserver")),
        notItsOwn);
    add(cases, "no organisation", honest().withSubject(cn("system:node:" + node)), organization);
    add(
        cases,
        "organisation system:masters",
        honest().withSubject(o("system:masters"), cn("system:node:" + node)),
        organization);
    add(cases, "one more organisation", honest().plusSubject(o("system:masters")), organization);
    add(
        cases,
        "an organisational unit",
        honest().plusSubject(new Rdn(CsrForge.OU, Text.PRINTABLE, "ops")),
        because(Reason.SUBJECT_ATTRIBUTE_UNEXPECTED));
  }

  private void addNames(List<Case> cases) {
    addNames(
        cases,
        because(Reason.NAME_RESERVED),
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "KUBERNETES.default.svc",
        "kube-dns.kube-system.svc.cluster.local",
        "localhost",
        "localhost.localdomain");
    // The dot alone is no ground for a denial, so the condition does not name it.
    addNames(cases, because(Reason.NAME_RESERVED), "kubernetes.default.svc.");
    addNames(cases, because(Reason.DNS_TRAILING_DOT), node + ".");
    addNames(cases, because(Reason.DNS_WILDCARD), "*", "*." + node);
    addNames(cases, because(Reason.DNS_WILDCARD, Reason.NAME_RESERVED), "*.cluster.local");
    addNames(
        cases,
        because(Reason.SAN_NOT_NODE_ADDRESS, Reason.ADDRESS_OWNED_BY_OTHER_NODE),
        victim,
        victim.toUpperCase(java.util.Locale.ROOT));
    addNames(
        cases,
        because(Reason.SAN_NOT_NODE_ADDRESS, Reason.ADDRESS_CLAIM_UNRECORDED),
        "example.com");
    addNames(cases, because(Reason.DNS_INTERNATIONALIZED), "xn--nde-0qa.example.com");
    addNames(
        cases,
        because(Reason.DNS_IS_ADDRESS),
        "10.3.0.1",
        "0x0a030001",
        "167968769",
        "127.1",
        "::1");
    addNames(
        cases,
        because(Reason.DNS_SYNTAX),
        "a..b",
        "-leading",
        " ",
        node + "\n" + victim,
        "a".repeat(64));
  }

  private void addAddresses(List<Case> cases) {
    addAddresses(
        cases,
        because(Reason.IP_SPECIAL),
        "127.0.0.1",
        "127.255.255.254",
        "::1",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        apiServer);
    addAddresses(
        cases, because(Reason.SAN_NOT_NODE_ADDRESS, Reason.SAN_PROTECTED_BY_CLUSTER), "10.3.0.1");
    addAddresses(
        cases,
        because(
            Reason.SAN_NOT_NODE_ADDRESS,
            serviceRangesKnown ? Reason.SAN_PROTECTED_BY_CLUSTER : Reason.SERVICE_RANGE_UNKNOWN),
        "10.3.0.10");
    addAddresses(
        cases,
        because(Reason.IP_LINK_LOCAL, Reason.SAN_NOT_NODE_ADDRESS, Reason.ADDRESS_CLAIM_UNRECORDED),
        "169.254.169.254",
        "fe80::1");
    // In a Node's Pod range as long as that Node is there.
    addAddresses(cases, because(Reason.SAN_NOT_NODE_ADDRESS), "10.20.0.1");
    addAddresses(
        cases,
        because(Reason.SAN_NOT_NODE_ADDRESS, Reason.ADDRESS_CLAIM_UNRECORDED),
        "8.8.8.8",
        "2001:db8::1");
    addAddresses(
        cases,
        because(Reason.SAN_NOT_NODE_ADDRESS, Reason.ADDRESS_OWNED_BY_OTHER_NODE),
        victimAddress);
    add(
        cases,
        "own address as IPv4-mapped IPv6",
        honest().withIpBytes(mapped()),
        because(Reason.IP_EMBEDS_IPV4));
    add(
        cases,
        "an address of five bytes",
        honest().withIpBytes(new byte[] {10, 0, 0, 1, 0}),
        new Refusal.ByKubernetes("cannot parse IP address of length 5"));
  }

  /** Other kinds of names, other extensions. */
  private void addExtensions(List<Case> cases) {
    Refusal type = because(Reason.SAN_TYPE_NOT_ALLOWED);
    Refusal authority = because(Reason.CA_REQUESTED);
    Refusal duplicate =
        new Refusal.ByKubernetes("certificate request contains duplicate requested extensions");
    add(cases, "no SAN at all", CsrForge.client(node), because(Reason.SAN_MISSING));
    add(cases, "an e-mail address", honest().withEmail("root@cluster"), type);
    add(cases, "a URI", honest().withUri("spiffe://cluster/admin"), type);
    add(cases, "a directory name", honest().withDirectoryName("kube-apiserver"), type);
    add(
        cases,
        "another name",
        honest().withOtherName("1.3.6.1.4.1.311.20.2.3", "admin@cluster"),
        type);
    add(cases, "a registered id", honest().withRegisteredId("1.2.3.4"), type);
    add(
        cases,
        "a second SAN extension",
        honest().withSecondSanExtension("kubernetes.default.svc"),
        duplicate);
    add(
        cases,
        "a second extensionRequest",
        honest().withSecondExtensionRequest("kubernetes.default.svc"),
        duplicate);
    add(cases, "to be an authority", honest().withAuthorityConstraint(), authority);
    add(
        cases,
        "key usage with certificate signing",
        honest().withExtension("2.5.29.15", true, new byte[] {3, 2, 2, 4}),
        authority);
    add(
        cases,
        "an unknown critical extension",
        honest().withExtension("1.2.3.4.5", true, new byte[] {5, 0}),
        because(Reason.EXTENSION_UNEXPECTED));
    add(
        cases,
        "a challenge password",
        honest().withAttribute("1.2.840.113549.1.9.7", new byte[] {12, 1, 'x'}),
        because(Reason.REQUEST_ATTRIBUTE_UNEXPECTED));
  }

  /** Keys and signatures, usages and lifetimes. */
  private void addKeysAndUsages(List<Case> cases) {
    Refusal signature = new Refusal.ByKubernetes("ECDSA verification failure");
    add(
        cases,
        "a key of somebody else",
        honest().signedBy(TestKeys.otherP256().getPrivate()),
        signature);
    add(cases, "a broken signature", honest().withBrokenSignature(), signature);
    cases.add(
        new Case(
            "RSA of 1024 bits",
            honest().withKey(TestKeys.rsa(1024)).pem(),
            USAGES_WITH_ENCIPHERMENT,
            OptionalInt.empty(),
            because(Reason.KEY_SIZE_NOT_ALLOWED)));
    for (List<String> usages :
        List.of(
            List.of("digital signature", "client auth"),
            List.of("digital signature", "server auth", "client auth"),
            List.of("digital signature", "server auth", "cert sign"),
            List.of("digital signature", "server auth", "any"),
            List.of("server auth"))) {
      cases.add(
          new Case(
              "usages " + usages,
              honest().pem(),
              usages,
              OptionalInt.empty(),
              because(Reason.USAGES_NOT_PERMITTED)));
    }
    cases.add(
        new Case(
            "ten years of life",
            honest().pem(),
            CsrProbe.SERVING_USAGES,
            OptionalInt.of(315_360_000),
            because(Reason.EXPIRATION_OUT_OF_BOUNDS)));
  }

  private byte[] mapped() {
    byte[] mapped = new byte[16];
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    String[] octets = address.split("\\.", -1);
    for (int i = 0; i < 4; i++) {
      mapped[12 + i] = (byte) Integer.parseInt(octets[i]);
    }
    return mapped;
  }

  /** Denied where one of the reasons rests on the request; held where all rest on the cluster. */
  private static Refusal because(Reason... reasons) {
    Set<Reason> all = Set.of(reasons);
    return all.stream().anyMatch(reason -> reason.evidence() == ViolationScope.REQUEST)
        ? new Refusal.Denied(all)
        : new Refusal.Held(all);
  }

  private void addNames(List<Case> cases, Refusal expected, String... names) {
    for (String name : names) {
      add(
          cases,
          "name " + (name.length() > 60 ? "of a label too long" : name),
          named(name),
          expected);
    }
  }

  private void addAddresses(List<Case> cases, Refusal expected, String... addresses) {
    for (String ip : addresses) {
      add(cases, "address " + ip, addressed(ip), expected);
    }
  }

  private static void add(List<Case> cases, String title, CsrForge forge, Refusal expected) {
    cases.add(
        new Case(
            title.replace('\n', '/'),
            forge.pem(),
            CsrProbe.SERVING_USAGES,
            OptionalInt.empty(),
            expected));
  }

  private static Rdn cn(String value) {
    return new Rdn(CsrForge.CN, Text.PRINTABLE, value);
  }

  private static Rdn o(String value) {
    return new Rdn(CsrForge.O, Text.PRINTABLE, value);
  }
}
