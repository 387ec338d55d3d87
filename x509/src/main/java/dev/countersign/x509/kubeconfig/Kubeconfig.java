package dev.countersign.x509.kubeconfig;

import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import dev.countersign.x509.secret.SecretText;
import java.net.URI;
import java.util.List;
import java.util.Objects;

/**
 * A kubeconfig file of one cluster, one user and one context.
 *
 * <p>Holds a secret: not a record, shown without its user.
 */
public final class Kubeconfig {
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

    /** In a file; a relative path counts from the kubeconfig's folder. */
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
    return new Kubeconfig(clusterName, server, authority, userName, user);
  }

  /** The file's text: YAML, UTF-8, the same for the same input. */
  public SecretText toYaml() {
    Objects.requireNonNull(authority);
    Objects.requireNonNull(user);
    return dev.countersign.x509.UnderConstruction.todo();
  }

  @Override
  public String toString() {
    return "Kubeconfig[" + clusterName + " " + server + ", user " + userName + " redacted]";
  }
}
