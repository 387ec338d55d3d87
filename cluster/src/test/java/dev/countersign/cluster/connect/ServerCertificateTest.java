package dev.countersign.cluster.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.countersign.common.Bytes;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an API server showed is known once it was trusted, and not before. */
class ServerCertificateTest {
  private static final SecureRandom RANDOM = new SecureRandom();

  @TempDir private Path directory = Path.of(".");
  private final CertificateAuthority authority = authority();
  private final KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
  private final Certificate certificate =
      authority.issue(
          CertificateProfile.server(
              DistinguishedName.of(List.of(), "kube-apiserver"),
              List.of(new SubjectAltName.Ip(Bytes.fromHex("7f000001"))),
              Duration.ofDays(1)),
          keys.publicKey(),
          RANDOM,
          Instant.now());

  private HttpsServer server;

  ServerCertificateTest() throws IOException {
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void start() throws IOException, GeneralSecurityException {
    char[] password = {};
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server",
        keys.privateKey(SecretAccess.because("a test server's key")),
        password,
        new java.security.cert.Certificate[] {certificate.x509()});
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, RANDOM);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static CertificateAuthority authority() {
    return CertificateAuthority.create(
        CertificateProfile.authority(DistinguishedName.of(List.of(), "ca"), Duration.ofDays(1)),
        KeyPair.generate(KeySpec.ECDSA_P256, RANDOM),
        RANDOM,
        Instant.now());
  }

  private ClusterAccess open(String trust) throws IOException {
    Path kubeconfig =
        Files.writeString(
            directory.resolve("admin.conf"),
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: rack, cluster: {server: "https://127.0.0.1:%d", %s}}]
            users: [{name: ada, user: {token: t}}]
            contexts: [{name: here, context: {cluster: rack, user: ada}}]
            current-context: here
            """
                .formatted(server.getAddress().getPort(), trust));
    return ClusterAccess.open(
        new ClusterAccess.Options(
            Optional.of(kubeconfig),
            Optional.empty(),
            Optional.empty(),
            Optional.of(Duration.ofSeconds(20))));
  }

  private String trusting(CertificateAuthority of) throws IOException {
    Path file = Files.writeString(directory.resolve("ca.crt"), of.certificate().toPem());
    return "certificate-authority: \"" + file + "\"";
  }

  @Test
  void serverCertificate_trusted_isKnownAfterTheFirstAnswer() throws IOException {
    try (ClusterAccess cluster = open(trusting(authority))) {
      assertThat(cluster.serverCertificate()).isEmpty();
      assertThat(cluster.client().raw("/version")).isEqualTo("{}");
      assertThat(cluster.serverCertificate()).contains(certificate.x509());
    }
  }

  @Test
  void serverCertificate_ofAnotherAuthority_isNotTaken() throws IOException {
    try (ClusterAccess cluster = open(trusting(authority()))) {
      assertThatThrownBy(() -> cluster.client().raw("/version"))
          .isInstanceOf(KubernetesClientException.class);
      assertThat(cluster.serverCertificate()).isEmpty();
    }
  }

  @Test
  void serverCertificate_takenUnseen_saysNothing() throws IOException {
    try (ClusterAccess cluster = open("insecure-skip-tls-verify: true")) {
      assertThat(cluster.client().raw("/version")).isEqualTo("{}");
      assertThat(cluster.serverCertificate()).isEmpty();
    }
  }
}
