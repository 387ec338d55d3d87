package dev.countersign.cli.csr;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cluster.connect.ClusterAccess;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/**
 * Whether the names of the API server, which are no node's, are among what a request is evaluated
 * with.
 */
enum ServerNames {
  /** The API server showed its certificate, and a trusted authority stands behind it. */
  KNOWN,
  /**
   * What answered was taken unseen ({@code insecure-skip-tls-verify}, plain HTTP), or is a proxy
   * with a certificate of its own.
   */
  UNKNOWN;

  /** The name by which Pods ask for it, so that every API server's certificate holds it. */
  private static final String OF_EVERY_SERVER = "kubernetes.default.svc";

  /** What the connection showed so far; it must have been used. */
  static ServerNames of(ClusterAccess cluster) {
    return cluster.serverCertificate().filter(ServerNames::isOfApiServer).isPresent()
        ? KNOWN
        : UNKNOWN;
  }

  static boolean isOfApiServer(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names != null
          && names.stream()
              .anyMatch(name -> name.get(1) instanceof String text && text.equals(OF_EVERY_SERVER));
    } catch (CertificateParsingException e) {
      return false;
    }
  }

  /** Says on standard error where they are not known. */
  void tell(Console console) {
    if (this == UNKNOWN) {
      console
          .err()
          .println(
              "warning: got no certificate of the API server itself (a proxy's, plain HTTP, or"
                  + " insecure-skip-tls-verify), so its names and addresses are not protected in"
                  + " what follows, as the approver protects them; want a kubeconfig whose server:"
                  + " is the API server, with its certificate-authority");
    }
  }
}
