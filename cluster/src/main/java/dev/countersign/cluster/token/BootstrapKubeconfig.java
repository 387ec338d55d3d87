package dev.countersign.cluster.token;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.kubeconfig.Kubeconfig;
import java.net.URI;
import java.util.List;

/** The bootstrap kubeconfig that goes onto a new node with a token in it. */
public final class BootstrapKubeconfig {
  private BootstrapKubeconfig() {}

  /**
   * Returns the file's text, YAML.
   *
   * @param server the API server's URL as nodes reach it
   * @param authorities whom nodes are to trust for it; at least one
   */
  public static SecretText of(BootstrapToken token, URI server, List<Certificate> authorities) {
    if (authorities.isEmpty()) {
      throw new IllegalArgumentException(
          "certificate-authority: got none in the kubeconfig; want the cluster's, or --ca FILE");
    }
    String secret = token.reveal(SecretAccess.because("put into a kubeconfig, itself secret"));
    return Kubeconfig.of(
            "cluster",
            server,
            new Kubeconfig.Authority.Embedded(authorities),
            "kubelet-bootstrap",
            new Kubeconfig.User.Token(SecretText.of(secret)))
        .toYaml();
  }
}
