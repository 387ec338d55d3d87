package dev.countersign.kube.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.testkit.FixedClock;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.request.DistinguishedName;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rule is client-go's: {@code tools/clientcmd} of k8s.io/client-go. */
class KubeconfigLoaderTest {
  private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");
  private static final String AUTHORITY =
      CertificateAuthority.create(
              CertificateProfile.authority(
                  DistinguishedName.of(List.of(), "ca"), Duration.ofDays(1)),
              KeyPair.generate(KeySpec.ECDSA_P256, new SecureRandom()),
              new SecureRandom(),
              NOW)
          .certificate()
          .toPem();

  private final FixedClock clock = FixedClock.at(NOW);
  @TempDir private Path directory = Path.of(".");

  private Path write(String name, String cluster, String user) throws IOException {
    return Files.writeString(
        directory.resolve(name),
        """
        apiVersion: v1
        kind: Config
        current-context: here
        clusters: [{name: rack, cluster: {%s}}]
        users: [{name: ada, user: {%s}}]
        contexts: [{name: here, context: {cluster: rack, user: ada}}]
        """
            .formatted(cluster, user));
  }

  private ClientCredentials usable(String cluster, String user) throws IOException {
    return usable(KubeconfigLoader.of(write("config", cluster, user)), Optional.empty());
  }

  private ClientCredentials usable(KubeconfigLoader loader, Optional<String> context) {
    return switch (loader.credentials(context, clock)) {
      case CredentialsResult.Usable(ClientCredentials credentials) -> credentials;
      case CredentialsResult.Unusable(String problem) -> throw new AssertionError(problem);
    };
  }

  private String problem(KubeconfigLoader loader) {
    return switch (loader.credentials(Optional.empty(), clock)) {
      case CredentialsResult.Usable(ClientCredentials credentials) ->
          throw new AssertionError(credentials);
      case CredentialsResult.Unusable(String problem) -> problem;
    };
  }

  private KubeconfigLoader asKubectlLooks(Path... files) {
    return KubeconfigLoader.ofEnvironment(
        Map.of(
            "KUBECONFIG",
            String.join(File.pathSeparator, List.of(files).stream().map(Path::toString).toList())),
        directory);
  }

  @Test
  void impersonation_isSentAsHeaders() throws IOException {
    ClientCredentials acting =
        usable(
            "server: 'https://10.0.0.1'",
            "token: t, as: nobody@example.com, as-uid: '7', as-groups: [a, b],"
                + " as-user-extra: {example.com/reason: [x, y]}");
    assertThat(acting.headers())
        .isEqualTo(
            Map.of(
                "Impersonate-User",
                List.of("nobody@example.com"),
                "Impersonate-Uid",
                List.of("7"),
                "Impersonate-Group",
                List.of("a", "b"),
                "Impersonate-Extra-example.com%2Freason",
                List.of("x", "y")));
    assertThat(usable("server: 'https://10.0.0.1'", "token: t").headers()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "certificate-authority-data: '%%%'|clusters[rack].cluster.certificate-authority-data: got"
            + " no base64",
        "certificate-authority-data: aGVsbG8=|clusters[rack].cluster.certificate-authority-data:"
            + " got no CERTIFICATE block",
        "certificate-authority: absent.crt|clusters[rack].cluster.certificate-authority (",
        "'certificate-authority: a, certificate-authority-data:"
            + " aGVsbG8='|clusters[rack].cluster.certificate-authority: got one, and"
            + " certificate-authority-data, too",
        "'insecure-skip-tls-verify: true, certificate-authority:"
            + " a'|clusters[rack].cluster.insecure-skip-tls-verify: got true, and"
            + " certificate-authority, too",
        "insecure-skip-tls-verify: perhaps|clusters[rack].cluster.insecure-skip-tls-verify: got"
            + " \"perhaps\"",
        "proxy-url: 'ftp://proxy'|clusters[rack].cluster.proxy-url: got no URL of a proxy; want"
            + " http://, https:// or socks5://HOST:PORT",
        "tls-server-name: [a]|clusters[rack].cluster.tls-server-name: got a list; want a text",
      })
  void cluster_thatCannotBeUsed_isRefusedByItsPath(String fields, String want) throws IOException {
    assertThat(
            problem(
                KubeconfigLoader.of(
                    write("config", "server: 'https://10.0.0.1', " + fields, "token: t"))))
        .startsWith(directory.resolve("config").toString())
        .contains(want);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "username: a|users[ada].user.username",
        "password: a|users[ada].user.password",
        "auth-provider: {name: gcp}|users[ada].user.auth-provider",
        "as-groups: [a]|users[ada].user.as-groups: got one without as",
        "'as: a, as-groups: a'|users[ada].user.as-groups: got a text; want a list of texts",
        "'as: a, as-groups: [{}]'|users[ada].user.as-groups[0]: got a mapping; want a text",
        "as: a\u00e4|users[ada].user.as: got \"a\\u00e4\"; want printable ASCII",
        "tokenFile: absent|users[ada].user.tokenFile (",
        "exec: aws|users[ada].user.exec: got a text; want a mapping",
        "exec: {command: aws}|users[ada].user.exec.apiVersion: got \"\"",
        "exec: {apiVersion: client.authentication.k8s.io/v1}|users[ada].user.exec.command: got"
            + " none",
        "'exec: {apiVersion: client.authentication.k8s.io/v1, command:"
            + " aws}'|users[ada].user.exec.interactiveMode: got \"\"",
        "'client-certificate: a, client-certificate-data:"
            + " aGVsbG8='|users[ada].user.client-certificate: got one, and client-certificate-data,"
            + " too",
      })
  void user_thatCannotBeUsed_isRefusedByItsPath(String fields, String want) throws IOException {
    assertThat(problem(KubeconfigLoader.of(write("config", "server: 'https://10.0.0.1'", fields))))
        .startsWith(directory.resolve("config").toString())
        .contains(want);
  }

  @Test
  void nameThatIsThereTwice_isRefused_asByKubectl() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("config"),
            "users: [{name: ada, user: {token: hidden}}, {name: ada, user: {token: other}}]");
    assertThat(problem(KubeconfigLoader.of(file)))
        .contains("users[1].name: got \"ada\" a second time; want each name once")
        .doesNotContain("hidden");
  }

  @Test
  void severalFiles_theFirstThatHasANameWins() throws IOException {
    Path first = write("first", "server: 'https://first'", "token: t");
    Path second = write("second", "server: 'https://second'", "token: t");
    Path third =
        Files.writeString(
            directory.resolve("third"),
            """
            current-context: there
            clusters: [{name: far, cluster: {server: 'https://far'}}]
            contexts: [{name: there, context: {cluster: far, user: ada}}]
            """);
    KubeconfigLoader loader = asKubectlLooks(directory.resolve("absent"), first, second, third);
    assertThat(usable(loader, Optional.empty()).host()).isEqualTo("first");
    assertThat(usable(loader, Optional.of("there")).host()).isEqualTo("far");
    assertThat(usable(asKubectlLooks(third, second), Optional.empty()).host()).isEqualTo("far");
    assertThat(loader.contexts()).containsExactly("here", "there");
  }

  @Test
  void emptyFile_holdsNothing() throws IOException {
    Path empty = Files.writeString(directory.resolve("empty"), "");
    Path full = write("full", "server: 'https://first'", "token: t");
    assertThat(usable(asKubectlLooks(empty, full), Optional.empty()).host()).isEqualTo("first");
    assertThat(problem(asKubectlLooks(empty))).contains("current-context: got none");
  }

  @Test
  void filesOfAKubeconfig_areRelativeToItsDirectory() throws IOException {
    Path inner = Files.createDirectory(directory.resolve("inner"));
    Files.writeString(inner.resolve("ca.crt"), AUTHORITY);
    Files.writeString(inner.resolve("token"), "hidden\n");
    write(
        "inner/config",
        "server: 'https://10.0.0.1', certificate-authority: ca.crt",
        "tokenFile: ./token");
    ClientCredentials read = usable(KubeconfigLoader.of(inner.resolve("config")), Optional.empty());
    assertThat(read.authorities()).contains(AUTHORITY);
    assertThat(read.token()).isPresent();
  }

  @Test
  void tokenFile_comesBeforeToken() throws IOException {
    assertThat(
            problem(
                KubeconfigLoader.of(
                    write("config", "server: 'https://a'", "token: t, tokenFile: absent"))))
        .contains("tokenFile");
  }

  @Test
  void plainHttp_isReached_withoutCredentials() throws IOException {
    ClientCredentials plain = usable("server: 'http://10.0.0.1:8001/x/'", "token: t, as: bob");
    assertThat(plain.url()).hasToString("http://10.0.0.1:8001/x");
    assertThat(plain.token()).isEmpty();
    assertThat(plain.headers()).containsKey("Impersonate-User");
    assertThat(plain.unverified()).isPresent();
  }

  @Test
  void serverWithoutScheme_isHttps() throws IOException {
    assertThat(usable("server: '10.0.0.1:6443'", "token: t").url())
        .hasToString("https://10.0.0.1:6443");
  }

  private Path plugin(String text) throws IOException {
    Path program = Files.writeString(directory.resolve("plugin"), "#!/bin/sh\n" + text);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return program;
  }

  private static final String EXEC =
      "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: %s}";

  @Test
  void execPlugin_isRunAgain_whenItsCredentialsExpireOrAreRefused() throws IOException {
    plugin(
        """
        echo run >> %s
        echo "$KUBERNETES_EXEC_INFO" > %s
        echo '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/v1",
          "status": {"token": "hidden", "expirationTimestamp": "2026-11-22T01:00:00Z"}}'
        """
            .formatted(directory.resolve("runs"), directory.resolve("info")));
    ClientCredentials read = usable("server: 'https://10.0.0.1'", EXEC.formatted("./plugin"));
    assertThat(read.token()).isPresent();
    assertThat(read.token()).isPresent();
    assertThat(directory.resolve("runs")).hasContent("run");
    assertThat(Files.readString(directory.resolve("info")))
        .contains("\"kind\":\"ExecCredential\"", "\"interactive\":false");
    clock.advance(Duration.ofHours(1));
    assertThat(read.token()).isPresent();
    assertThat(directory.resolve("runs")).hasContent("run\nrun");
    read.identityRefused();
    assertThat(read.token()).isPresent();
    assertThat(Files.readAllLines(directory.resolve("runs"))).hasSize(3);
    assertThat(read.toString()).doesNotContain("hidden");
  }

  @Test
  void execPlugin_isNotRun_whereTheKubeconfigHasAToken() throws IOException {
    plugin("touch " + directory.resolve("ran") + "\n");
    assertThat(usable("server: 'https://a'", "token: t, " + EXEC.formatted("./plugin")).token())
        .isPresent();
    assertThat(directory.resolve("ran")).doesNotExist();
  }

  @Test
  void execPlugin_thatGivesNothing_isNamed_andItsAnswerIsNot() throws IOException {
    KubeconfigLoader loader =
        KubeconfigLoader.of(write("config", "server: 'https://a'", EXEC.formatted("./plugin")));
    assertThat(problem(loader)).contains("users[ada].user.exec.command: got \"", "is not there");
    plugin("exit 7\n");
    assertThat(problem(loader)).contains("ended with status 7; want 0");
    plugin("echo hidden\n");
    assertThat(problem(loader)).contains("no JSON").doesNotContain("hidden");
    plugin("echo '{\"apiVersion\": \"client.authentication.k8s.io/v1\", \"status\": {}}'\n");
    assertThat(problem(loader)).contains("got no credentials from");
    plugin("echo '{\"apiVersion\": \"client.authentication.k8s.io/v1beta1\"}'\n");
    assertThat(problem(loader)).contains("exec.apiVersion: got client.authentication.k8s.io/v1,");
  }

  @Test
  void contextThatIsNotThere_isAskedForByName() throws IOException {
    Path file = write("config", "server: 'https://a'", "token: t");
    assertThat(KubeconfigLoader.of(file).credentials(Optional.of("there"), clock).toString())
        .contains("contexts: got [\"here\"]; want one named \"there\"");
  }
}
