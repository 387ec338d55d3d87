package dev.countersign.policy.fact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.Worlds;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.CsrForge.Rdn;
import dev.countersign.testkit.CsrForge.Text;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.DistinguishedName;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whose certificate it is, by the values of its subject; what for, by its SANs. */
class ServedCertificateTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-11-22T01:00:00Z");
  private static final KeyPair KEYS = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
  private static final CertificateAuthority AUTHORITY =
      CertificateAuthority.create(
          CertificateProfile.authority(
              DistinguishedName.of(List.of(), "kubernetes"), Duration.ofDays(10)),
          KEYS,
          RANDOM,
          NOW);
  private static final IpAddress ADDRESS = IpAddress.parse("192.0.2.10").orElseThrow();
  private static final IpAddress OTHER = IpAddress.parse("192.0.2.11").orElseThrow();
  private static final Rdn NODES = new Rdn(CsrForge.O, Text.PRINTABLE, "system:nodes");

  private static Rdn name(String commonName) {
    return new Rdn(CsrForge.CN, Text.UTF8, commonName);
  }

  /** A certificate with the subject and the SANs of a request. */
  private static Certificate certificate(CsrForge forge) {
    CertificateRequest request = CertificateRequest.parsePem(forge.pem()).orThrow();
    return AUTHORITY.issue(
        CertificateProfile.server(request.subject(), request.sans(), Duration.ofDays(1)),
        KEYS.publicKey(),
        RANDOM,
        NOW);
  }

  private static Optional<ServedCertificate> served(CsrForge forge) {
    return ServedCertificate.of(Worlds.nodeName("node-a"), ADDRESS, certificate(forge));
  }

  private static Optional<ServedCertificate> served(List<List<Rdn>> rdns) {
    return served(CsrForge.serving("node-a").withRdns(rdns));
  }

  @Test
  void of_theNodesCertificate_hasItsNamesAndAddresses() {
    CsrForge forge = CsrForge.serving("node-a").withIp("2001:db8::1").withEmail("a@example.com");

    assertThat(served(forge))
        .contains(
            new ServedCertificate(
                Worlds.nodeName("node-a"),
                ADDRESS,
                Set.of(DnsName.of("node-a")),
                Set.of(ADDRESS, IpAddress.parse("2001:db8::1").orElseThrow()),
                NOW.plus(Duration.ofDays(1))));
  }

  @Test
  void of_anotherAddress_isNone() {
    assertThat(served(CsrForge.client("node-a").withIp("192.0.2.11"))).isEmpty();
    assertThat(served(CsrForge.client("node-a").withDns("node-a"))).isEmpty();
  }

  @Test
  void of_anotherSubject_isNone() {
    assertThat(served(CsrForge.serving("node-b"))).isEmpty();
    assertThat(served(List.of(List.of(name("system:node:node-a"))))).isEmpty();
    assertThat(
            served(
                List.of(
                    List.of(NODES),
                    List.of(name("system:node:node-a")),
                    List.of(name("system:node:node-b")))))
        .isEmpty();
  }

  @Test
  void of_commaInsideOfTheCommonName_isNotTheNextAttribute() {
    assertThat(served(List.of(List.of(NODES), List.of(name("a,CN=system:node:node-a"))))).isEmpty();
    assertThat(served(List.of(List.of(NODES), List.of(name("a,CN=system:node:node-a,b")))))
        .isEmpty();
    Rdn quoted = new Rdn(CsrForge.O, Text.UTF8, "a,O=system:nodes");
    assertThat(served(List.of(List.of(quoted), List.of(name("system:node:node-a"))))).isEmpty();
  }

  @Test
  void of_multiValuedRdn_countsEachOfItsValues() {
    assertThat(served(List.of(List.of(NODES, name("system:node:node-a"))))).isPresent();
    assertThat(
            served(
                List.of(
                    List.of(NODES),
                    List.of(name("system:node:node-a"), name("system:node:node-b")))))
        .isEmpty();
  }

  @Test
  void places_areTheContestedFirst() {
    Facts contested =
        Worlds.holding(
            OTHER,
            new AddressOwnership.Contested(List.of(Worlds.nodeName("a"), Worlds.nodeName("b"))));
    Set<NameOrAddress> claims = new LinkedHashSet<>(List.of(Worlds.dns("node-a"), ADDRESS, OTHER));

    assertThat(ServedCertificate.places(claims, contested)).containsExactly(OTHER, ADDRESS);
    assertThat(ServedCertificate.places(claims, Facts.none())).containsExactly(ADDRESS, OTHER);
    assertThat(ServedCertificate.places(Set.of(OTHER), contested))
        .as("no other place could settle it")
        .containsExactly(OTHER);
  }

  @Test
  void places_withoutAnyInTheRequest_areTheNodes() {
    Set<NameOrAddress> claims = Set.of(Worlds.dns("node-a"));

    assertThat(ServedCertificate.places(claims, Worlds.honest())).containsExactly(ADDRESS);
    assertThat(ServedCertificate.places(claims, Facts.none())).isEmpty();
  }
}
