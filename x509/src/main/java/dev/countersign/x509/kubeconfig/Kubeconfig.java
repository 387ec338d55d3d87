package dev.countersign.x509.kubeconfig;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.common.text.SafeText;
import dev.countersign.common.text.YamlText;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.key.PrivateKeyFormat;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A kubeconfig file of one cluster, one user and one context.
 *
 * <p>Holds a secret: not a record, shown without its user.
 */
public final class Kubeconfig {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9_./@-]*[A-Za-z0-9]");

  private final String clusterName;
  private final URI server;
  private final Authority authority;
  private final String userName;
  private final User user;

  /** Where the certificates of the API server's authority are. */
  public sealed interface Authority {
    /** In the kubeconfig itself. */
    record Embedded(List<Certificate> certificates) implements Authority {
      public Embedded {
        certificates = List.copyOf(certificates);
      }
    }

    /** In a file; a relative path counts from the kubeconfig's directory. */
    record InFile(String path) implements Authority {
      public InFile {
        Objects.requireNonNull(path, "path");
      }
    }
  }

  /** How the user shows who it is. */
  public sealed interface User {
    /** By a certificate chain, leaf first, and its key in the kubeconfig itself. */
    record EmbeddedCertificate(List<Certificate> chain, KeyPair keys) implements User {
      public EmbeddedCertificate {
        chain = List.copyOf(chain);
        Objects.requireNonNull(keys, "keys");
      }
    }

    /** By a certificate and key in files, perhaps the same one. */
    record CertificateFiles(String certificatePath, String keyPath) implements User {
      public CertificateFiles {
        Objects.requireNonNull(certificatePath, "certificatePath");
        Objects.requireNonNull(keyPath, "keyPath");
      }
    }

    /** By a bearer token, such as a bootstrap token. */
    record Token(SecretText token) implements User {
      public Token {
        Objects.requireNonNull(token, "token");
      }
    }

    /** By a bearer token in a file that is read again when it changes. */
    record TokenFile(String path) implements User {
      public TokenFile {
        Objects.requireNonNull(path, "path");
      }
    }
  }

  private Kubeconfig(
      String clusterName, URI server, Authority authority, String userName, User user) {
    this.clusterName = clusterName;
    this.server = server;
    this.authority = authority;
    this.userName = userName;
    this.user = user;
  }

  /**
   * A kubeconfig whose context is named {@code userName@clusterName}.
   *
   * @throws IllegalArgumentException where the server is not an {@code https} URL
   */
  public static Kubeconfig of(
      String clusterName, URI server, Authority authority, String userName, User user) {
    if (!"https".equals(server.getScheme()) || server.getHost() == null) {
      throw new IllegalArgumentException(
          "server: got " + SafeText.quote(server.toString()) + "; want https://host[:port]");
    }
    return new Kubeconfig(clusterName, server, authority, userName, user);
  }

  /** The name of the only context. */
  public String contextName() {
    return userName + "@" + clusterName;
  }

  /** The file's text: YAML, UTF-8, the same for the same input. */
  public SecretText toYaml() {
    StringBuilder out = new StringBuilder(4096);
    out.append("apiVersion: v1\nkind: Config\nclusters:\n- name: ")
        .append(scalar(clusterName))
        .append("\n  cluster:\n    server: ")
        .append(scalar(server.toString()));
    switch (authority) {
      case Authority.Embedded(List<Certificate> certificates) ->
          out.append("\n    certificate-authority-data: ")
              .append(base64(Certificate.toPem(certificates)));
      case Authority.InFile(String path) ->
          out.append("\n    certificate-authority: ").append(scalar(path));
    }
    out.append("\nusers:\n- name: ").append(scalar(userName)).append("\n  user:");
    SecretAccess access = SecretAccess.because("becomes part of a kubeconfig, itself a secret");
    switch (user) {
      case User.EmbeddedCertificate(List<Certificate> chain, KeyPair keys) ->
          out.append("\n    client-certificate-data: ")
              .append(base64(Certificate.toPem(chain)))
              .append("\n    client-key-data: ")
              .append(base64(keys.privateKeyPem(PrivateKeyFormat.TRADITIONAL).reveal(access)));
      case User.CertificateFiles(String certificatePath, String keyPath) ->
          out.append("\n    client-certificate: ")
              .append(scalar(certificatePath))
              .append("\n    client-key: ")
              .append(scalar(keyPath));
      case User.Token(SecretText token) ->
          out.append("\n    token: ").append(scalar(token.reveal(access)));
      case User.TokenFile(String path) -> out.append("\n    tokenFile: ").append(scalar(path));
    }
    out.append("\ncontexts:\n- name: ")
        .append(scalar(contextName()))
        .append("\n  context:\n    cluster: ")
        .append(scalar(clusterName))
        .append("\n    user: ")
        .append(scalar(userName))
        .append("\ncurrent-context: ")
        .append(scalar(contextName()))
        .append('\n');
    return SecretText.of(out.toString());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String scalar(String text) {
    return PLAIN.matcher(text).matches() ? YamlText.scalar(text) : YamlText.quoted(text);
  }

  @Override
  public String toString() {
    return "Kubeconfig[" + clusterName + " " + server + ", user " + userName + " redacted]";
  }
}
