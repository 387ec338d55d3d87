package dev.countersign.x509.kubeconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.x509.authority.CertificateAuthority;
import dev.countersign.x509.authority.CertificateProfile;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.KeySpec;
import dev.countersign.x509.key.PrivateKeyFormat;
import dev.countersign.x509.kubeconfig.Kubeconfig.Authority;
import dev.countersign.x509.kubeconfig.Kubeconfig.User;
import dev.countersign.x509.request.DistinguishedName;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KubeconfigTest {
  private static final SecretAccess ACCESS = SecretAccess.because("compared by a test");
  private static final URI SERVER = URI.create("https://api.example.com:6443");
  private static final Authority CA_FILE = new Authority.InFile("/etc/kubernetes/ca.crt");

  private static String yaml(Authority authority, User user) {
    return Kubeconfig.of("mercury", SERVER, authority, "kubelet", user).toYaml().reveal(ACCESS);
  }

  @Test
  void toYaml_token_isAsKubectlReadsIt() {
    assertThat(yaml(CA_FILE, new User.Token(SecretText.of("abcdef.0123456789abcdef"))))
        .isEqualTo(
            """
            apiVersion: v1
            kind: Config
            clusters:
            - name: mercury
              cluster:
                server: "https://api.example.com:6443"
                certificate-authority: /etc/kubernetes/ca.crt
            users:
            - name: kubelet
              user:
                token: abcdef.0123456789abcdef
            contexts:
            - name: kubelet@mercury
              context:
                cluster: mercury
                user: kubelet
            current-context: kubelet@mercury
            """);
  }

  @Test
  void toYaml_files_arePaths() {
    assertThat(yaml(CA_FILE, new User.CertificateFiles("/a/b.pem", "../key file.pem")))
        .contains("    client-certificate: /a/b.pem\n    client-key: \"../key file.pem\"\n");
    assertThat(yaml(CA_FILE, new User.TokenFile("/var/run/token")))
        .contains("  user:\n    tokenFile: /var/run/token\n");
  }

  @Test
  void toYaml_embedded_isBase64OfPem() {
    KeyPair keys = KeyPair.generate(KeySpec.ECDSA_P256, new SecureRandom());
    Certificate certificate =
        CertificateAuthority.create(
                CertificateProfile.authority(
                    DistinguishedName.of(List.of(), "x"), Duration.ofDays(1)),
                keys,
                new SecureRandom(),
                Instant.EPOCH)
            .certificate();
    String text =
        yaml(
            new Authority.Embedded(List.of(certificate, certificate)),
            new User.EmbeddedCertificate(List.of(certificate), keys));
    assertThat(decoded(text, "certificate-authority-data"))
        .isEqualTo(certificate.toPem() + certificate.toPem());
    assertThat(decoded(text, "client-certificate-data")).isEqualTo(certificate.toPem());
    assertThat(decoded(text, "client-key-data"))
        .isEqualTo(keys.privateKeyPem(PrivateKeyFormat.TRADITIONAL).reveal(ACCESS));
  }

  private static String decoded(String yaml, String field) {
    String value =
        yaml.lines()
            .map(String::strip)
            .filter(line -> line.startsWith(field + ": "))
            .findFirst()
            .orElseThrow()
            .substring(field.length() + 2);
    return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
  }

  /** Each would be something else than a string, or end early, if it stood there plainly. */
  @ParameterizedTest
  @ValueSource(
      strings = {"1", "1e3", "-", "a b", "a: b", "a #b", "a\nb", "é", "~", "'", "{}", "0x1", ""})
  void toYaml_oddName_isQuoted(String name) {
    String text =
        Kubeconfig.of(name, SERVER, CA_FILE, "kubelet", new User.TokenFile("/t"))
            .toYaml()
            .reveal(ACCESS);
    assertThat(text).contains("- name: \"");
    assertThat(text.lines()).hasSize(17);
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "null", "no", "Yes", "off", "y", "NULL", "False", "on"})
  void toYaml_wordsOfYaml_areQuoted(String name) {
    assertThat(
            Kubeconfig.of(name, SERVER, CA_FILE, "kubelet", new User.TokenFile("/t"))
                .toYaml()
                .reveal(ACCESS))
        .contains("- name: \"" + name + "\"\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://api.example.com", "api.example.com", "https:/x", "ftp://x"})
  void of_serverNotHttps_isRefused(String server) {
    URI uri = URI.create(server);
    User user = new User.TokenFile("/t");
    assertThatThrownBy(() -> Kubeconfig.of("c", uri, CA_FILE, "u", user))
        .hasMessage("server: got \"" + server + "\"; want https://host[:port]");
  }

  @Test
  void toString_containsNoSecret() {
    Kubeconfig kubeconfig =
        Kubeconfig.of("c", SERVER, CA_FILE, "u", new User.Token(SecretText.of("topsecret")));
    assertThat(kubeconfig)
        .hasToString("Kubeconfig[c https://api.example.com:6443, user u redacted]");
    assertThat(new User.Token(SecretText.of("topsecret")).toString()).doesNotContain("topsecret");
    assertThat(kubeconfig.contextName()).isEqualTo("u@c");
  }
}
