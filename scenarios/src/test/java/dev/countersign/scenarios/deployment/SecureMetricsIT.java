package dev.countersign.scenarios.deployment;

import static dev.countersign.scenarios.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.render.approver.ApproverDeployment;
import dev.countersign.render.approver.ApproverManifests;
import dev.countersign.scenarios.fixture.Cluster;
import dev.countersign.scenarios.fixture.CountersignProcess;
import dev.countersign.scenarios.fixture.Kubectl;
import dev.countersign.scenarios.fixture.OnOwnControlPlane;
import dev.countersign.scenarios.fixture.Ran;
import dev.countersign.testbed.binaries.Program;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.key.PrivateKeyFormat;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.SubjectAltName;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metrics by HTTPS, from an approver with the rights that its manifests grant and no others. */
@OnOwnControlPlane
class SecureMetricsIT {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Duration DAY = Duration.ofDays(1);
  private static final KeyPair AUTHORITY_KEYS = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
  private final CertificateAuthority authority =
      CertificateAuthority.create(
          CertificateProfile.authority(DistinguishedName.of(List.of(), "metrics"), DAY),
          AUTHORITY_KEYS,
          RANDOM,
          Instant.now());

  /** Prometheus, with and without what the manifests give to who scrapes. */
  private static final String SCRAPERS =
      """
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: scraper, namespace: default}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: stranger, namespace: default}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: scraper}
      roleRef:
        apiGroup: rbac.authorization.k8s.io
        kind: ClusterRole
        name: countersign-approver-metrics-reader
      subjects:
      - {kind: ServiceAccount, name: scraper, namespace: default}
      """;

  @TempDir private Path directory = Path.of(".");

  private record Scrape(int status, String body, BigInteger serial) {}

  @Test
  void metrics_needATokenWithTheRight_andTheirCertificateMayChange(Cluster cluster)
      throws Exception {
    String objects = ApproverManifests.stream(ApproverDeployment.defaults().withSecureMetrics());
    Kubectl.apply(cluster, objects);
    Kubectl.apply(cluster, SCRAPERS);
    int metrics = CountersignProcess.freePort();
    int probes = CountersignProcess.freePort();
    Certificate first = writeCertificate();
    Process approver =
        new ProcessBuilder(
                CountersignProcess.java(
                    "dev.countersign.approver.command.ApproverMain",
                    List.of(
                        "--kubeconfig=" + kubeconfig(cluster),
                        "--namespace=countersign-system",
                        "--metrics-bind-address=127.0.0.1:" + metrics,
                        "--health-probe-bind-address=127.0.0.1:" + probes,
                        "--metrics-secure",
                        "--metrics-cert-file=" + directory.resolve("tls.crt"),
                        "--metrics-key-file=" + directory.resolve("tls.key"))))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    try {
      eventually("ready, without a token, by plain HTTP", () -> probe(probes) == 200);
      String scraper = "Bearer " + token(cluster, "default", "scraper");

      assertThat(scrape(metrics, "").status()).isEqualTo(401);
      assertThat(scrape(metrics, "Bearer " + scraper.substring(0, 40)).status()).isEqualTo(401);
      Scrape refused = scrape(metrics, "Bearer " + token(cluster, "default", "stranger"));
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.body()).isEmpty();
      Scrape allowed = scrape(metrics, scraper);
      assertThat(allowed.status()).as(log()).isEqualTo(200);
      assertThat(allowed.body()).contains("countersign_service_range_unknown 0.0");
      assertThat(allowed.serial()).isEqualTo(first.serial());

      Certificate second = writeCertificate();
      Scrape renewed = scrape(metrics, scraper);
      assertThat(renewed.status()).isEqualTo(200);
      assertThat(renewed.serial()).isEqualTo(second.serial());

      Files.writeString(directory.resolve("tls.crt"), "half a certif");
      assertThat(scrape(metrics, scraper).serial()).isEqualTo(second.serial());
      assertThat(log())
          .contains("metrics-certificate", "--metrics-cert-file", "metrics-forbidden")
          .doesNotContain(scraper.substring(7));
    } finally {
      CountersignProcess.stop(approver);
      Kubectl.delete(cluster, SCRAPERS);
      Kubectl.delete(cluster, objects);
    }
  }

  private String log() throws Exception {
    return Files.readString(directory.resolve("log"));
  }

  private static String token(Cluster cluster, String namespace, String account) throws Exception {
    return Kubectl.get(cluster, "create", "token", account, "-n", namespace).strip();
  }

  /** That of the administrator, with the token of the approver's own service account. */
  private Path kubeconfig(Cluster cluster) throws Exception {
    Path file = directory.resolve("approver.conf");
    Files.copy(cluster.plane().layout().adminKubeconfig(), file);
    setUp(
        cluster,
        file,
        "set-credentials",
        "approver",
        "--token=" + token(cluster, "countersign-system", "countersign-approver"));
    setUp(cluster, file, "set-context", "--current", "--user=approver");
    return file;
  }

  private static void setUp(Cluster cluster, Path kubeconfig, String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(cluster.plane().binaries().file(Program.KUBECTL).toString());
    command.add("config");
    command.addAll(List.of(words));
    command.add("--kubeconfig=" + kubeconfig);
    Ran.run("", Map.of(), command).orThrow();
  }

  private Certificate writeCertificate() throws Exception {
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, RANDOM);
    Certificate certificate =
        authority.issue(
            CertificateProfile.server(
                DistinguishedName.of(List.of(), "countersign-approver"),
                List.of(SubjectAltName.Ip.of(InetAddress.getLoopbackAddress())),
                DAY),
            keys.publicKey(),
            RANDOM,
            Instant.now());
    Files.writeString(directory.resolve("tls.crt"), certificate.toPem());
    Files.writeString(
        directory.resolve("tls.key"),
        keys.privateKeyPem(PrivateKeyFormat.PKCS8)
            .reveal(SecretAccess.because("the approver reads its file")));
    return certificate;
  }

  private static int probe(int port) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz")).build(),
              HttpResponse.BodyHandlers.ofString())
          .statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  private Scrape scrape(int port, String authorization) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("metrics", authority.certificate().x509());
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/metrics"))
            .timeout(Duration.ofSeconds(20));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    try (HttpClient http = HttpClient.newBuilder().sslContext(context).build()) {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      X509Certificate shown =
          (X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0];
      return new Scrape(response.statusCode(), response.body(), shown.getSerialNumber());
    }
  }
}
