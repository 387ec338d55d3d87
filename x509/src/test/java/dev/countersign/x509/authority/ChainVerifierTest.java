package dev.countersign.x509.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.x509.authority.ChainVerdict.Trusted;
import dev.countersign.x509.authority.ChainVerdict.Untrusted;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.certificate.ExtendedKeyUsage;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChainVerifierTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration YEAR = Duration.ofDays(365);

  private final KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
  private final CertificateAuthority root = authority("root", newKeys());
  private final CertificateAuthority other = authority("root", newKeys());
  private final Certificate server =
      root.issue(
          CertificateProfile.server(name("server"), List.of(), Duration.ofDays(10)),
          keys.publicKey(),
          RANDOM,
          NOW);
  private final ChainVerifier verifier = ChainVerifier.trusting(List.of(root.certificate()));

  private static KeyPair newKeys() {
    return KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
  }

  private static DistinguishedName name(String commonName) {
    return DistinguishedName.of(List.of(), commonName);
  }

  private static CertificateAuthority authority(String commonName, KeyPair keys) {
    return CertificateAuthority.create(
        CertificateProfile.authority(name(commonName), YEAR), keys, RANDOM, NOW);
  }

  private ChainVerdict verify(Certificate... chain) {
    return verifier.verify(List.of(chain), ExtendedKeyUsage.SERVER_AUTH, NOW);
  }

  private ChainVerdict verifyAt(Instant at) {
    return verifier.verify(List.of(server), ExtendedKeyUsage.SERVER_AUTH, at);
  }

  private static void assertUntrusted(ChainVerdict verdict, String part) {
    assertThat(verdict)
        .isInstanceOfSatisfying(Untrusted.class, u -> assertThat(u.why()).contains(part));
  }

  @Test
  void verify_issuedLeaf_isTrusted() {
    assertThat(verify(server)).isEqualTo(new Trusted());
    assertThat(verify(server, root.certificate())).isEqualTo(new Trusted());
    assertThat(
            ChainVerifier.trusting(List.of(other.certificate(), root.certificate()))
                .verify(List.of(server), ExtendedKeyUsage.SERVER_AUTH, NOW))
        .isEqualTo(new Trusted());
    assertThat(verifier.authorities()).containsExactly(root.certificate());
  }

  @Test
  void verify_otherAuthorityOfTheSameName_isUntrusted() {
    assertUntrusted(
        ChainVerifier.trusting(List.of(other.certificate()))
            .verify(List.of(server), ExtendedKeyUsage.SERVER_AUTH, NOW),
        "server");
  }

  @Test
  void verify_otherUsage_isUntrusted() {
    assertUntrusted(
        verifier.verify(List.of(server), ExtendedKeyUsage.CLIENT_AUTH, NOW),
        "is good for [SERVER_AUTH]; want CLIENT_AUTH");
  }

  @Test
  void verify_outsideOfValidity_isUntrusted() {
    Certificate ca = root.certificate();
    assertThat(verifyAt(server.notAfter())).isEqualTo(new Trusted());
    assertThat(verifyAt(ca.notBefore())).isEqualTo(new Trusted());
    assertUntrusted(verifyAt(server.notAfter().plusSeconds(1)), "server");
    assertUntrusted(verifyAt(ca.notBefore().minusSeconds(1)), "no trusted authority is valid at");
    assertUntrusted(verifyAt(ca.notAfter().plusSeconds(1)), "no trusted authority is valid at");
    assertUntrusted(verifyAt(ca.notAfter()), "server");
  }

  @Test
  void verify_intermediate_isTrustedOnlyWithItsCertificate() {
    KeyPair middleKeys = newKeys();
    Certificate middle =
        root.issue(
            CertificateProfile.authority(name("middle"), Duration.ofDays(100)),
            middleKeys.publicKey(),
            RANDOM,
            NOW);
    Certificate leaf =
        CertificateAuthority.load(middle, middleKeys)
            .orThrow()
            .issue(
                CertificateProfile.server(name("leaf"), List.of(), YEAR),
                keys.publicKey(),
                RANDOM,
                NOW);
    assertThat(verify(leaf, middle)).isEqualTo(new Trusted());
    assertUntrusted(verify(leaf), "leaf");
    assertUntrusted(verify(middle, leaf), "middle");
  }

  @Test
  void verify_leafThatIssued_isUntrusted() {
    // CertificateAuthority.load refuses a leaf, so an authority of the same name and key stands in.
    Certificate forged =
        authority("server", keys)
            .issue(
                CertificateProfile.server(name("forged"), List.of(), YEAR),
                newKeys().publicKey(),
                RANDOM,
                NOW);
    assertUntrusted(verify(forged, server), "forged");
  }

  @Test
  void verify_emptyOrOnlyAuthorities_isUntrusted() {
    assertUntrusted(verify(), "the chain is empty");
    assertUntrusted(verify(root.certificate()), "is itself an authority");
    assertThatThrownBy(() -> ChainVerifier.trusting(List.of()))
        .hasMessage("authorities: got none; want at least one");
  }
}
