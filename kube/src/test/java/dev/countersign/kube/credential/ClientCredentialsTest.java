package dev.countersign.kube.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.testkit.FixedClock;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.key.PrivateKeyFormat;
import dev.countersign.x509.request.DistinguishedName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ClientCredentialsTest {
  private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");
  private static final String AUTHORITY = authority().certificate().toPem();

  @TempDir private Path directory = Path.of("");

  private static CertificateAuthority authority() {
    SecureRandom random = new SecureRandom();
    return CertificateAuthority.create(
        CertificateProfile.authority(
            DistinguishedName.of(List.of(), "test authority"), Duration.ofDays(10)),
        KeyPair.generate(KeySpec.ECDSA_P256, random),
        random,
        NOW);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private CredentialsResult read(String cluster, String user) throws IOException {
    Path file = directory.resolve("kubeconfig");
    Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts: [{name: here, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: {%s}}]
        users: [{name: u, user: {%s}}]
        """
            .formatted(cluster, user));
    return ClientCredentials.fromKubeconfig(file, Optional.empty(), FixedClock.at(NOW));
  }

  private static String goodCluster() {
    return "server: 'https://10.0.0.1:6443', certificate-authority-data: " + base64(AUTHORITY);
  }

  @ParameterizedTest
  @EnumSource(KeySpec.class)
  void fromKubeconfig_clientKeyOfEachKindInEachForm_isUsable(KeySpec spec) throws IOException {
    SecureRandom random = new SecureRandom();
    KeyPair keys = KeyPair.generate(spec == KeySpec.RSA_4096 ? KeySpec.RSA_2048 : spec, random);
    Certificate certificate =
        authority()
            .issue(
                CertificateProfile.client(
                    DistinguishedName.of(List.of("g"), "u"), Duration.ofDays(1)),
                keys.publicKey(),
                random,
                NOW);
    for (PrivateKeyFormat format : PrivateKeyFormat.values()) {
      String pem = keys.privateKeyPem(format).reveal(SecretAccess.because("a test's kubeconfig"));
      CredentialsResult result =
          read(
              goodCluster(),
              "client-certificate-data: %s, client-key-data: %s"
                  .formatted(base64(certificate.toPem()), base64(pem)));
      assertThat(result).isInstanceOf(CredentialsResult.Usable.class);
    }
  }

  @Test
  void fromKubeconfig_keyOfAnotherCertificate_isRefused() throws IOException {
    SecureRandom random = new SecureRandom();
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, random);
    String pem =
        keys.privateKeyPem(PrivateKeyFormat.PKCS8)
            .reveal(SecretAccess.because("a test's kubeconfig"));
    CredentialsResult result =
        read(
            goodCluster(),
            "client-certificate-data: %s, client-key-data: %s"
                .formatted(base64(AUTHORITY), base64(pem)));
    assertThat(problem(result)).contains("does not belong to the certificate");
  }

  @Test
  void fromKubeconfig_serverThatIsNotVerified_isRefusedWithTheNextStep() throws IOException {
    assertThat(
            problem(read("server: 'https://10.0.0.1', insecure-skip-tls-verify: true", "token: t")))
        .contains(
            "clusters[c].cluster.insecure-skip-tls-verify: got true; want it absent;"
                + " give certificate-authority-data");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exec: {command: aws}|users[u].user.exec.apiVersion|client.authentication.k8s.io/v1",
        "auth-provider: {name: gcp}|users[u].user.auth-provider|client certificate or a token",
        "username: x|users[u].user.username|client certificate or a token",
        "client-certificate: only.pem|users[u].user|want both or none",
        "tokenFile: absent|absent|no such file",
      })
  void fromKubeconfig_userThatCannotBeUsed_isRefusedWithTheNextStep(
      String field, String path, String next) throws IOException {
    assertThat(problem(read(goodCluster(), field))).contains(path, next);
  }

  @Test
  void fromKubeconfig_plainHttp_isRefused() throws IOException {
    assertThat(problem(read("server: 'http://10.0.0.1'", "token: t")))
        .contains("got \"http://10.0.0.1\"; want https://HOST:PORT");
  }

  @Test
  void fromKubeconfig_notYaml_messageDoesNotQuoteIt() throws IOException {
    Path file = directory.resolve("broken");
    Files.writeString(file, "users: [{token: very-secret, {{\n");
    CredentialsResult result =
        ClientCredentials.fromKubeconfig(file, Optional.empty(), FixedClock.at(NOW));
    assertThat(problem(result)).contains("no YAML").doesNotContain("very-secret");
  }

  @Test
  void fromKubeconfig_fileAbsent_saysSo() {
    CredentialsResult result =
        ClientCredentials.fromKubeconfig(
            directory.resolve("none"), Optional.empty(), FixedClock.at(NOW));
    assertThat(problem(result)).contains("no such file", "--kubeconfig");
  }

  @Test
  void fromKubeconfig_serverWithPathAndTlsServerName_bothAreKept() throws IOException {
    CredentialsResult result =
        read(
            "server: 'https://[fd00::1]/k8s/c1/', tls-server-name: api.example,"
                + " certificate-authority-data: "
                + base64(AUTHORITY),
            "token: t");
    ClientCredentials usable = usable(result);
    assertThat(usable.host()).isEqualTo("fd00::1");
    assertThat(usable.port()).isEqualTo(443);
    assertThat(usable.basePath()).isEqualTo("/k8s/c1");
    assertThat(usable.certificateName()).isEqualTo("api.example");
  }

  @Test
  void identityProblem_clientCertificateExpired_namesWhereAndWhen() throws IOException {
    SecureRandom random = new SecureRandom();
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, random);
    Certificate certificate =
        authority()
            .issue(
                CertificateProfile.client(
                    DistinguishedName.of(List.of(), "u"), Duration.ofHours(1)),
                keys.publicKey(),
                random,
                NOW);
    Files.writeString(directory.resolve("c.pem"), certificate.toPem());
    Files.writeString(
        directory.resolve("k.pem"),
        keys.privateKeyPem(PrivateKeyFormat.PKCS8)
            .reveal(SecretAccess.because("a test's kubeconfig")));
    Path file = directory.resolve("kubeconfig");
    assertThat(read(goodCluster(), "client-certificate: c.pem, client-key: k.pem"))
        .isInstanceOf(CredentialsResult.Usable.class);
    FixedClock clock = FixedClock.at(NOW);
    ClientCredentials usable =
        usable(ClientCredentials.fromKubeconfig(file, Optional.empty(), clock));
    assertThat(usable.identityProblem()).isEmpty();
    clock.advance(Duration.ofHours(2));
    assertThat(usable.identityProblem())
        .hasValueSatisfying(
            why -> assertThat(why).contains("c.pem", "expired at 2026-11-22T01:00:00Z", "issue"));
  }

  @Test
  void token_fileReplaced_isReadAgainAfterAMinuteOrARefusal() throws IOException {
    Path file = directory.resolve("token");
    Files.writeString(file, "first\n");
    FixedClock clock = FixedClock.at(NOW);
    TokenSource source = new TokenSource(DataOrFile.file("test", file), clock);
    var first = source.token();
    Files.writeString(file, "second\n");
    assertThat(source.token()).isSameAs(first);
    clock.advance(Duration.ofSeconds(61));
    var second = source.token();
    assertThat(second).isNotSameAs(first);
    source.refused();
    assertThat(source.token()).isNotSameAs(second);
    assertThat(second.toString()).doesNotContain("second");
  }

  @Test
  void fromServiceAccount_outsideOfAPod_saysWhatToDo() {
    assertThat(
            problem(ClientCredentials.fromServiceAccount(Map.of(), directory, FixedClock.at(NOW))))
        .contains("KUBERNETES_SERVICE_HOST", "--kubeconfig");
  }

  @Test
  void fromEnvironment_outsideOfAPod_takesTheKubeconfig_inAPodTheServiceAccount()
      throws IOException {
    Files.createDirectories(directory.resolve(".kube"));
    Files.writeString(
        directory.resolve(".kube/config"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "https://home.example:6443", %s}}]
        users: [{name: u, user: {token: t}}]
        contexts: [{name: here, context: {cluster: c, user: u}}]
        current-context: here
        """
            .formatted("certificate-authority-data: " + base64(AUTHORITY)));
    Map<String, String> pod =
        Map.of("KUBERNETES_SERVICE_HOST", "10.3.0.1", "KUBERNETES_SERVICE_PORT", "443");
    FixedClock clock = FixedClock.at(NOW);

    assertThat(
            usable(ClientCredentials.fromEnvironment(Map.of(), directory, Optional.empty(), clock))
                .host())
        .isEqualTo("home.example");
    assertThat(
            usable(ClientCredentials.fromEnvironment(pod, directory, Optional.of("here"), clock))
                .host())
        .isEqualTo("home.example");
    assertThat(problem(ClientCredentials.fromEnvironment(pod, directory, Optional.empty(), clock)))
        .contains(ClientCredentials.SERVICE_ACCOUNT_DIRECTORY.toString());
    assertThat(
            problem(
                ClientCredentials.fromEnvironment(
                    Map.of("KUBECONFIG", directory.resolve("nothing").toString()),
                    directory,
                    Optional.empty(),
                    clock)))
        .contains("--kubeconfig");
  }

  @Test
  void fromServiceAccount_inAPod_isUsableAndShowsNoToken() throws IOException {
    Files.writeString(directory.resolve("token"), "hidden-token");
    Files.writeString(directory.resolve("ca.crt"), AUTHORITY);
    CredentialsResult result =
        ClientCredentials.fromServiceAccount(
            Map.of("KUBERNETES_SERVICE_HOST", "10.3.0.1", "KUBERNETES_SERVICE_PORT", "443"),
            directory,
            FixedClock.at(NOW));
    assertThat(usable(result).host()).isEqualTo("10.3.0.1");
    assertThat(result.toString()).doesNotContain("hidden-token");
  }

  private static String problem(CredentialsResult result) {
    return switch (result) {
      case CredentialsResult.Usable ignored -> throw new AssertionError("usable");
      case CredentialsResult.Unusable(String problem) -> problem;
    };
  }

  private static ClientCredentials usable(CredentialsResult result) {
    return switch (result) {
      case CredentialsResult.Usable(ClientCredentials credentials) -> credentials;
      case CredentialsResult.Unusable(String problem) -> throw new AssertionError(problem);
    };
  }
}
