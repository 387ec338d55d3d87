package dev.countersign.cli.csr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerNamesTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  private static X509Certificate certificate(String... names) {
    CertificateAuthority authority =
        CertificateAuthority.create(
            CertificateProfile.authority(DistinguishedName.of(List.of(), "ca"), Duration.ofDays(1)),
            KeyPair.generate(KeySpec.ECDSA_P256, RANDOM),
            RANDOM,
            Instant.now());
    return authority
        .issue(
            CertificateProfile.server(
                DistinguishedName.of(List.of(), "server"),
                Arrays.stream(names).<SubjectAltName>map(SubjectAltName.Dns::new).toList(),
                Duration.ofDays(1)),
            KeyPair.generate(KeySpec.ECDSA_P256, RANDOM).publicKey(),
            RANDOM,
            Instant.now())
        .x509();
  }

  @Test
  void apiServer_isKnownByTheNameThatPodsUse() {
    assertThat(
            ServerNames.isOfApiServer(
                certificate("api.example.com", "kubernetes", "kubernetes.default.svc")))
        .isTrue();
  }

  @Test
  void proxy_isNone() {
    assertThat(ServerNames.isOfApiServer(certificate("kubernetes.default.svc.example.com")))
        .isFalse();
    assertThat(ServerNames.isOfApiServer(certificate("rancher.example.com"))).isFalse();
  }
}
