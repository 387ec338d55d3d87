package dev.countersign.scenarios.attack;

import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.CsrForge.Rdn;
import dev.countersign.testkit.CsrForge.Text;
import dev.countersign.testkit.TestKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Hostile requests of a node.
 *
 * @param node the attacker's
 * @param address its own
 * @param victim another node
 * @param victimAddress that node's address
 * @param apiServer an address of the API server
 */
record HostileCases(
    String node, String address, String victim, String victimAddress, String apiServer) {
  static final List<String> USAGES = List.of("digital signature", "server auth");

  /** One request, its usages and lifetime. */
  record Case(String title, String pem, List<String> usages, OptionalInt expirationSeconds) {
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

  /** All of them; {@code attempt} is given to no two calls alike where a fresh key matters. */
  List<Case> all() {
    List<Case> cases = new ArrayList<>();
    // Whose name is in the subject.
    add(
        cases,
        "another node's name as subject",
        CsrForge.client(victim).withDns(victim).withIp(victimAddress));
    add(cases, "no common name", honest().withSubject(o("system:nodes")));
    add(cases, "two common names", honest().plusSubject(cn("system:node:" + victim)));
    add(cases, "common name without prefix", honest().withSubject(o("system:nodes"), cn(node)));
    add(
        cases,
        "common name in capitals",
        honest()
            .withSubject(
                o("system:nodes"), cn("system:node:" + node.toUpperCase(java.util.Locale.ROOT))));
    add(
        cases,
        "common name with a trailing space",
        honest().withSubject(o("system:nodes"), cn("system:node:" + node + " ")));
    add(
        cases,
        "common name of the API server",
        honest().withSubject(o("system:nodes"), cn("kube-apiserver")));
    add(cases, "no organisation", honest().withSubject(cn("system:node:" + node)));
    add(
        cases,
        "organisation system:masters",
        honest().withSubject(o("system:masters"), cn("system:node:" + node)));
    add(cases, "one more organisation", honest().plusSubject(o("system:masters")));
    add(
        cases,
        "an organisational unit",
        honest().plusSubject(new Rdn(CsrForge.OU, Text.PRINTABLE, "ops")));
    // Names.
    for (String name :
        List.of(
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
            "KUBERNETES.default.svc",
            "kubernetes.default.svc.",
            "kube-dns.kube-system.svc.cluster.local",
            "localhost",
            "localhost.localdomain",
            "*",
            "*.cluster.local",
            "*." + node,
            victim,
            victim.toUpperCase(java.util.Locale.ROOT),
            "example.com",
            "xn--nde-0qa.example.com",
            "10.3.0.1",
            "0x0a030001",
            "167968769",
            "127.1",
            "::1",
            "a..b",
            "-leading",
            " ",
            node + "\n" + victim,
            node + ".",
            "a".repeat(64))) {
      add(cases, "name " + (name.length() > 60 ? "of a label too long" : name), named(name));
    }
    // Addresses.
    for (String ip :
        List.of(
            "127.0.0.1",
            "127.255.255.254",
            "::1",
            "0.0.0.0",
            "::",
            "169.254.169.254",
            "fe80::1",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
            "10.3.0.1",
            "10.3.0.10",
            "10.20.0.1",
            "8.8.8.8",
            "2001:db8::1",
            apiServer,
            victimAddress)) {
      add(cases, "address " + ip, addressed(ip));
    }
    add(cases, "own address as IPv4-mapped IPv6", honest().withIpBytes(mapped()));
    add(cases, "an address of five bytes", honest().withIpBytes(new byte[] {10, 0, 0, 1, 0}));
    // Other kinds of names, other extensions.
    add(cases, "no SAN at all", CsrForge.client(node));
    add(cases, "an e-mail address", honest().withEmail("root@cluster"));
    add(cases, "a URI", honest().withUri("spiffe://cluster/admin"));
    add(cases, "a directory name", honest().withDirectoryName("kube-apiserver"));
    add(cases, "another name", honest().withOtherName("1.3.6.1.4.1.311.20.2.3", "admin@cluster"));
    add(cases, "a registered id", honest().withRegisteredId("1.2.3.4"));
    add(cases, "a second SAN extension", honest().withSecondSanExtension("kubernetes.default.svc"));
    add(
        cases,
        "a second extensionRequest",
        honest().withSecondExtensionRequest("kubernetes.default.svc"));
    add(cases, "to be an authority", honest().withAuthorityConstraint());
    add(
        cases,
        "key usage with certificate signing",
        honest().withExtension("2.5.29.15", true, new byte[] {3, 2, 2, 4}));
    add(
        cases,
        "an unknown critical extension",
        honest().withExtension("1.2.3.4.5", true, new byte[] {5, 0}));
    add(
        cases,
        "a challenge password",
        honest().withAttribute("1.2.840.113549.1.9.7", new byte[] {12, 1, 'x'}));
    // Keys and signatures.
    add(cases, "a key of somebody else", honest().signedBy(TestKeys.otherP256().getPrivate()));
    add(cases, "a broken signature", honest().withBrokenSignature());
    add(cases, "RSA of 1024 bits", honest().withKey(TestKeys.rsa(1024)));
    // Usages and lifetimes.
    for (List<String> usages :
        List.of(
            List.of("digital signature", "client auth"),
            List.of("digital signature", "server auth", "client auth"),
            List.of("digital signature", "server auth", "cert sign"),
            List.of("digital signature", "server auth", "any"),
            List.of("server auth"))) {
      cases.add(new Case("usages " + usages, honest().pem(), usages, OptionalInt.empty()));
    }
    cases.add(new Case("ten years of life", honest().pem(), USAGES, OptionalInt.of(315_360_000)));
    return cases;
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

  private static void add(List<Case> cases, String title, CsrForge forge) {
    cases.add(new Case(title.replace('\n', '/'), forge.pem(), USAGES, OptionalInt.empty()));
  }

  private static Rdn cn(String value) {
    return new Rdn(CsrForge.CN, Text.PRINTABLE, value);
  }

  private static Rdn o(String value) {
    return new Rdn(CsrForge.O, Text.PRINTABLE, value);
  }
}
