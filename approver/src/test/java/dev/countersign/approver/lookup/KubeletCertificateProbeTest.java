package dev.countersign.approver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.server.LoopbackServer;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v1CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeletCertificateProbeTest {
  /** Looks at addresses with a verifier that is given. */
  private interface Dialer {
    Fact<Optional<ServedCertificate>> look(NodeName node, List<IpAddress> addresses, int port);
  }

  private static final NodeName NODE = NodeName.parse("worker-1").orElseThrow();
  private static final IpAddress LOOPBACK = IpAddress.parse("127.0.0.1").orElseThrow();
  private static final IpAddress ELSEWHERE = IpAddress.parse("127.0.0.2").orElseThrow();

  @TempDir private Path directory;
  private final CertificateAuthority authority = LoopbackServer.authority();

  @Test
  void look_certificateOfTheNode_isFoundAtTheAddressThatAnswers() throws IOException {
    try (SSLServerSocket kubelet = serve(authority, "system:node:worker-1")) {
      Fact<Optional<ServedCertificate>> fact =
          dialer(authority).look(NODE, List.of(ELSEWHERE, LOOPBACK), kubelet.getLocalPort());

      ServedCertificate found = present(fact).orElseThrow();
      assertThat(found.node()).isEqualTo(NODE);
      assertThat(found.dialed()).isEqualTo(LOOPBACK);
      assertThat(found.addresses()).isEqualTo(Set.of(LOOPBACK));
    }
  }

  @Test
  void look_certificateOfAnotherNode_isNone() throws IOException {
    try (SSLServerSocket kubelet = serve(authority, "system:node:worker-2")) {
      assertThat(present(dialer(authority).look(NODE, List.of(LOOPBACK), kubelet.getLocalPort())))
          .isEmpty();
    }
  }

  @Test
  void look_certificateOfAnotherAuthority_isNone() throws IOException {
    try (SSLServerSocket kubelet = serve(LoopbackServer.authority(), "system:node:worker-1")) {
      assertThat(present(dialer(authority).look(NODE, List.of(LOOPBACK), kubelet.getLocalPort())))
          .isEmpty();
    }
  }

  @Test
  void look_certificateOfVersion1_isNone() throws Exception {
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, new SecureRandom());
    Instant now = Instant.now();
    CertificateAuthority signer =
        CertificateAuthority.create(
            CertificateProfile.authority(
                DistinguishedName.of(List.of(), "version 1"), Duration.ofDays(1)),
            keys,
            new SecureRandom(),
            now);
    X509CertificateHolder version1 =
        new X509v1CertificateBuilder(
                new X500Name("CN=version 1"),
                BigInteger.ONE,
                Date.from(now),
                Date.from(now.plusSeconds(60)),
                new X500Name("O=system:nodes,CN=system:node:worker-1"),
                SubjectPublicKeyInfo.getInstance(keys.publicKey().getEncoded()))
            .build(
                new JcaContentSignerBuilder("SHA256withECDSA")
                    .build(keys.privateKey(SecretAccess.because("a test authority's key"))));

    X509Certificate shown = new JcaX509CertificateConverter().getCertificate(version1);
    try (SSLServerSocket kubelet = serve(LoopbackServer.tls(signer, keys, shown))) {
      assertThat(present(dialer(signer).look(NODE, List.of(LOOPBACK), kubelet.getLocalPort())))
          .isEmpty();
    }
  }

  @Test
  void look_nobodyAnswers_isNone() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Dialer dialer = dialer(authority, Duration.ofMillis(300));
      assertThat(present(dialer.look(NODE, List.of(LOOPBACK), silent.getLocalPort()))).isEmpty();
    }
  }

  private static Optional<ServedCertificate> present(Fact<Optional<ServedCertificate>> fact) {
    assertThat(fact).isInstanceOf(Fact.Known.class);
    return fact instanceof Fact.Known<Optional<ServedCertificate>>(var found)
        ? found
        : Optional.empty();
  }

  private Dialer dialer(CertificateAuthority trusted) throws IOException {
    return dialer(trusted, Duration.ofSeconds(30));
  }

  private Dialer dialer(CertificateAuthority trusted, Duration timeout) throws IOException {
    KubeletCertificateProbe.ChainVerifier verifier = credentials(trusted)::verifyChain;
    KubeletCertificateProbe served =
        new KubeletCertificateProbe(
            new KubeletAuthorities(new NoCluster(), verifier, InstantSource.system()), timeout);
    return (node, addresses, port) -> served.look(node, addresses, port, verifier);
  }

  private ClientCredentials credentials(CertificateAuthority trusted) throws IOException {
    Path file = directory.resolve("trusted.crt");
    Files.writeString(file, trusted.certificate().toPem());
    return ClientCredentials.ofFiles(
        "127.0.0.1", 1, file, Optional.empty(), Optional.empty(), InstantSource.system());
  }

  private static SSLServerSocket serve(CertificateAuthority signer, String commonName)
      throws IOException {
    return serve(
        LoopbackServer.tls(signer, DistinguishedName.of(List.of("system:nodes"), commonName)));
  }

  private static SSLServerSocket serve(SSLContext tls) throws IOException {
    SSLServerSocket listening =
        (SSLServerSocket)
            tls.getServerSocketFactory().createServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              while (!listening.isClosed()) {
                try (SSLSocket socket = (SSLSocket) listening.accept()) {
                  socket.startHandshake();
                  int end = socket.getInputStream().read();
                  assertThat(end).isNegative();
                } catch (IOException e) {
                  // Refused, or the test is over.
                }
              }
            });
    return listening;
  }
}
