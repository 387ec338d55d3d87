package dev.countersign.approver.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.approver.lookup.KubeletCertificateProbe.ChainVerifier;
import dev.countersign.approver.server.LoopbackServer;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.KubeletAuthority;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeletAuthoritiesTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final ChainVerifier OF_API_SERVER = chain -> {};

  @TempDir private Path directory;
  private final AtomicLong nanos = new AtomicLong();
  private final CertificateAuthority one = LoopbackServer.authority();
  private final CertificateAuthority other = LoopbackServer.authority();

  private static X509Certificate[] chain(CertificateAuthority authority) {
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
    return new X509Certificate[] {
      authority
          .issue(
              CertificateProfile.server(
                  DistinguishedName.of(List.of("system:nodes"), "system:node:a"),
                  List.of(new SubjectAltName.Dns("a")),
                  Duration.ofHours(1)),
              keys.publicKey(),
              RANDOM,
              Instant.now())
          .x509()
    };
  }

  private KubeletAuthorities authorities(ClusterSource cluster) {
    return new KubeletAuthorities(cluster, OF_API_SERVER, InstantSource.system(), nanos::get);
  }

  private static ChainVerifier known(Fact<ChainVerifier> fact) {
    assertThat(fact).isInstanceOf(Fact.Known.class);
    return fact instanceof Fact.Known<ChainVerifier>(ChainVerifier verifier)
        ? verifier
        : OF_API_SERVER;
  }

  private static String why(Fact<?> fact) {
    return fact instanceof Fact.Unknown<?>(String why) ? why : "known: " + fact;
  }

  @Test
  void apiServersOwn_areTheDefault() {
    assertThat(authorities(new NoCluster()).verifier(new KubeletAuthority.OfApiServer()))
        .isEqualTo(Fact.known(OF_API_SERVER));
  }

  @Test
  void file_isReadAgain_andABrokenOneIsUnknown() throws IOException {
    Path file = directory.resolve("kubelet-ca.crt");
    KubeletAuthority authority = new KubeletAuthority.File(file.toString());
    KubeletAuthorities authorities = authorities(new NoCluster());
    assertThat(why(authorities.verifier(authority)))
        .isEqualTo("authorities of kubelets: " + file + ": cannot be read");

    Files.writeString(file, one.certificate().toPem());
    nanos.addAndGet(FreshValues.FRESH_FOR.toNanos() + 1);
    ChainVerifier first = known(authorities.verifier(authority));
    assertThatCode(() -> first.verify(chain(one))).doesNotThrowAnyException();
    assertThatThrownBy(() -> first.verify(chain(other))).isInstanceOf(IOException.class);

    // Both, while one takes over from the other.
    Files.writeString(file, one.certificate().toPem() + "\n" + other.certificate().toPem());
    assertThat(known(authorities.verifier(authority))).isSameAs(first);
    nanos.addAndGet(FreshValues.FRESH_FOR.toNanos() + 1);
    ChainVerifier both = known(authorities.verifier(authority));
    assertThatCode(() -> both.verify(chain(one))).doesNotThrowAnyException();
    assertThatCode(() -> both.verify(chain(other))).doesNotThrowAnyException();

    Files.writeString(file, "no PEM");
    nanos.addAndGet(FreshValues.FRESH_FOR.toNanos() + 1);
    assertThat(why(authorities.verifier(authority)))
        .startsWith("authorities of kubelets: " + file + ": ");
  }

  @Test
  void configMap_isReadByItsKey_andUnknownWithoutKeyOrRight() {
    String pem = one.certificate().toPem().replace("\n", "\\n");
    try (LoopbackServer server =
        LoopbackServer.start(
            directory,
            false,
            (exchange, body) -> {
              if (exchange.getRequestURI().getPath().endsWith("/configmaps/csr-controller-ca")) {
                LoopbackServer.reply(
                    exchange, 200, "{\"data\":{\"ca-bundle.crt\":\"" + pem + "\"}}");
              } else {
                LoopbackServer.reply(
                    exchange, 403, "{\"kind\":\"Status\",\"reason\":\"Forbidden\"}");
              }
            })) {
      KubeletAuthorities authorities = authorities(ClusterSource.of(server.client()));
      ChainVerifier verifier =
          known(
              authorities.verifier(
                  new KubeletAuthority.ConfigMap("ns", "csr-controller-ca", "ca-bundle.crt")));
      assertThatCode(() -> verifier.verify(chain(one))).doesNotThrowAnyException();
      assertThatThrownBy(() -> verifier.verify(chain(other))).isInstanceOf(IOException.class);
      assertThat(
              why(
                  authorities.verifier(
                      new KubeletAuthority.ConfigMap("ns", "csr-controller-ca", "ca.crt"))))
          .isEqualTo("authorities of kubelets: ConfigMap ns/csr-controller-ca: has no key ca.crt");
      assertThat(
              why(authorities.verifier(new KubeletAuthority.ConfigMap("ns", "another", "ca.crt"))))
          .contains("ConfigMap ns/another: let the approver get it: 403");
    }
  }

  @Test
  void unknownAuthorities_makeTheServedCertificateUnknown() {
    KubeletCertificateProbe served =
        new KubeletCertificateProbe(authorities(new NoCluster()), Duration.ofSeconds(1));
    assertThat(
            why(
                served.look(
                    NodeName.parse("a").orElseThrow(),
                    Set.of(IpAddress.parse("127.0.0.1").orElseThrow()),
                    Facts.none(),
                    1,
                    new KubeletAuthority.ConfigMap("ns", "name", "key"))))
        .isEqualTo("authorities of kubelets: ConfigMap ns/name: no cluster");
  }
}
