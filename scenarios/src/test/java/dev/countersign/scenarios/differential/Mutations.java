package dev.countersign.scenarios.differential;

import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.CsrForge.Rdn;
import dev.countersign.testkit.CsrForge.Text;
import dev.countersign.testkit.TestKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Makes requests: a kubelet's, with up to three structured changes. The same seed, the same changes
 * (keys and signatures are new in each process).
 */
final class Mutations {
  private static final List<String> USAGES =
      List.of(
          "digital signature",
          "key encipherment",
          "server auth",
          "client auth",
          "cert sign",
          "signing",
          "any",
          "crl sign");
  private static final List<String> DNS =
      List.of(
          "node-a",
          "NODE-A.example.com",
          "node-a.",
          "*.example.com",
          "",
          "a b",
          "kubernetes.default.svc",
          "10.0.0.1",
          "0x7f.1",
          "xn--abc.example.com",
          "a_b",
          "node\u0000",
          "n\u00f6de",
          "localhost",
          "a".repeat(300),
          "-a",
          "a..b");
  private static final List<String> IPS =
      List.of(
          "192.0.2.10",
          "2001:db8::1",
          "127.0.0.1",
          "::1",
          "169.254.1.1",
          "0.0.0.0",
          "224.0.0.1",
          "::192.0.2.1",
          "64:ff9b::1.2.3.4",
          "255.255.255.255");
  private static final List<String> NAMES =
      List.of(
          "system:node:node-a",
          "system:node:node-b",
          "system:node:",
          "system:node",
          "system:nodes",
          "System:node:node-a",
          "system:node:NODE",
          "system:node:a\nb",
          "admin",
          "");
  private static final List<List<String>> GROUPS =
      List.of(
          List.of(),
          List.of("system:nodes"),
          List.of("system:masters", "system:authenticated"),
          List.of("system:authenticated", "x", "system:nodes"));
  private static final List<Long> SECONDS =
      List.of(-1L, 0L, 599L, 600L, 3600L, 86_400L, 31_622_400L, 31_622_401L, 2_147_483_647L);
  private static final List<String> SIGNATURES =
      List.of("SHA1withECDSA", "SHA384withECDSA", "SHA512withECDSA");
  private static final List<String> ORGANIZATIONS =
      List.of("system:nodes", "system:masters", "system:Nodes", "", "system:nodes ");

  /** One request object's parts. */
  record Made(
      String pem,
      List<String> usages,
      String username,
      List<String> groups,
      Optional<Duration> expiration) {}

  private final RandomGenerator random;

  Mutations(RandomGenerator random) {
    this.random = random;
  }

  private <T> T any(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  Made next() {
    CsrForge forge = CsrForge.client("node-a");
    int names = random.nextInt(3);
    for (int i = 0; i < names; i++) {
      forge = forge.withDns(i == 0 ? "node-a" : "node-a.example.com");
    }
    if (names == 0 || random.nextBoolean()) {
      forge = forge.withIp(random.nextBoolean() ? "192.0.2.10" : "2001:db8::10");
    }
    boolean rsa = random.nextInt(8) == 0;
    if (rsa) {
      forge = forge.withKey(TestKeys.rsa(2048));
    }
    List<String> usages = new ArrayList<>(List.of("digital signature", "server auth"));
    if (rsa || random.nextBoolean()) {
      usages.add(random.nextInt(3), "key encipherment");
    }
    String username = "system:node:node-a";
    List<String> groups = List.of("system:nodes", "system:authenticated");
    Optional<Duration> expiration = Optional.empty();
    int changes = random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      switch (random.nextInt(9)) {
        case 0 -> usages = changed(usages);
        case 1 -> {
          username = any(NAMES);
          if (random.nextBoolean()) {
            forge = subject(Text.UTF8, username, List.of("system:nodes"), forge);
          }
        }
        case 2 -> groups = any(GROUPS);
        case 3 -> expiration = Optional.of(Duration.ofSeconds(any(SECONDS)));
        default -> forge = changed(forge);
      }
    }
    // Only where it fits the key, whatever the changes made of that.
    if (changes > 0 && random.nextInt(20) == 0 && forge.keys() == TestKeys.p256()) {
      forge = forge.withSignature(any(SIGNATURES));
    }
    return new Made(text(forge), usages, username, groups, expiration);
  }

  private List<String> changed(List<String> usages) {
    List<String> changed = new ArrayList<>(usages);
    if (!changed.isEmpty() && random.nextBoolean()) {
      changed.remove(random.nextInt(changed.size()));
    } else {
      changed.add(any(USAGES));
    }
    return changed;
  }

  private static CsrForge subject(
      Text type, String commonName, List<String> organizations, CsrForge forge) {
    List<Rdn> rdns = new ArrayList<>();
    organizations.forEach(o -> rdns.add(new Rdn(CsrForge.O, Text.UTF8, o)));
    rdns.add(new Rdn(CsrForge.CN, type, commonName));
    return forge.withSubject(rdns.toArray(Rdn[]::new));
  }

  private CsrForge changed(CsrForge forge) {
    return switch (random.nextInt(30)) {
      case 0 -> forge.withDns(any(DNS));
      case 1 -> forge.withIp(any(IPS));
      case 2 -> forge.withEmail("root@example.com");
      case 3 -> forge.withUri(any(List.of("spiffe://example.com/a", "%", "http://a b/", "x")));
      case 4 -> forge.withDirectoryName("x");
      case 5 -> forge.withOtherName("1.2.3.4", "x");
      case 6 -> forge.withIpBytes(new byte[random.nextInt(18)]);
      case 7 -> forge.withoutSans();
      case 8 -> subject(Text.UTF8, any(NAMES), List.of("system:nodes"), forge);
      case 9 ->
          subject(
              Text.UTF8,
              "system:node:node-a",
              List.of(any(ORGANIZATIONS), any(ORGANIZATIONS)),
              forge);
      case 10 -> subject(Text.UTF8, "system:node:node-a", List.of(any(ORGANIZATIONS)), forge);
      case 11 ->
          subject(
              any(List.of(Text.values())), "system:node:node-a", List.of("system:nodes"), forge);
      case 12 ->
          forge.plusSubject(new Rdn(any(List.of(CsrForge.CN, CsrForge.OU)), Text.UTF8, any(NAMES)));
      case 13 -> forge.withAuthorityConstraint();
      case 14 ->
          forge.withExtension(
              "2.5.29.15", true, HexFormat.of().parseHex(any(List.of("03020204", "03020780"))));
      case 15 -> forge.withSecondSanExtension("node-a");
      case 16 -> forge.withSecondExtensionRequest("node-b");
      case 17 -> forge.withAttribute("1.2.840.113549.1.9.7", HexFormat.of().parseHex("0c0161"));
      case 18 -> forge.withBrokenSignature();
      case 19 -> forge.signedBy(TestKeys.otherP256().getPrivate());
      case 20 ->
          forge.withKey(
              any(
                  List.of(
                      TestKeys.p384(), TestKeys.p521(), TestKeys.ed25519(), TestKeys.rsa(1024))));
      case 21 -> forge.withVersion(random.nextInt(4));
      case 22 -> forge.withTrailing((byte) random.nextInt(256));
      case 23 -> forge.withRegisteredId("1.2.3.4");
      case 24 -> forge.withGeneralName(random.nextBoolean(), random.nextInt(10), new byte[] {1, 1});
      case 25 -> oneSet(forge);
      case 26 -> {
        CsrForge many = forge;
        for (int i = 0; i < 120; i++) {
          many = many.withIp("198.51.100." + i);
        }
        yield many;
      }
      case 27 ->
          forge.withExtension(
              any(List.of("2.5.29.37", "2.5.29.19", "1.2.3.4", "2.5.29.17")),
              random.nextBoolean(),
              HexFormat.of().parseHex(any(List.of("3000", "0500", "30030101ff", ""))));
      default -> {
        int position = random.nextInt(200);
        int bit = 1 << random.nextInt(8);
        yield forge.withDer(
            der -> {
              der[position % der.length] ^= (byte) bit;
              return der;
            });
      }
    };
  }

  /** Both parts of the subject in one relative distinguished name. */
  private static CsrForge oneSet(CsrForge forge) {
    return forge.withRdns(
        List.of(
            List.of(
                new Rdn(CsrForge.O, Text.UTF8, "system:nodes"),
                new Rdn(CsrForge.CN, Text.UTF8, "system:node:node-a"))));
  }

  private String text(CsrForge forge) {
    String pem = forge.pem();
    return switch (random.nextInt(60)) {
      case 0 -> "x\n" + pem;
      case 1 -> pem + "x";
      case 2 -> pem + pem;
      case 3 -> pem.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
      case 4 -> pem.replace("\n", "\r\n");
      case 5 -> pem.replaceFirst("\n", "\nProc-Type: 4\n\n");
      case 6 -> pem.substring(0, pem.length() - 30);
      default -> pem;
    };
  }
}
