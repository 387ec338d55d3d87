package dev.countersign.cluster.token;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.kubeconfig.Kubeconfig;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/**
 * What goes onto a new node with a token in it: the bootstrap kubeconfig, bare or as part of an
 * Ignition configuration or a Butane file. All of them are secret.
 */
public final class NodeFiles {
  /** Where the kubelet's unit looks for the bootstrap kubeconfig. */
  public static final String KUBECONFIG_PATH = "/etc/kubernetes/kubeconfig";

  private final SecretText kubeconfig;

  private NodeFiles(SecretText kubeconfig) {
    this.kubeconfig = Objects.requireNonNull(kubeconfig, "kubeconfig");
  }

  /**
   * Files with a token.
   *
   * @param server the API server's URL as nodes reach it
   * @param authorities whom nodes are to trust for it; at least one
   */
  public static NodeFiles of(BootstrapToken token, URI server, List<Certificate> authorities) {
    if (authorities.isEmpty()) {
      throw new IllegalArgumentException(
          "certificate-authority: got none in the kubeconfig; want the cluster's, or --ca FILE");
    }
    return new NodeFiles(
        Kubeconfig.of(
                "cluster",
                server,
                new Kubeconfig.Authority.Embedded(authorities),
                "kubelet-bootstrap",
                new Kubeconfig.User.Token(
                    SecretText.of(
                        token.reveal(
                            SecretAccess.because("put into a kubeconfig, itself secret")))))
            .toYaml());
  }

  /** The kubeconfig, YAML. */
  public SecretText kubeconfig() {
    return kubeconfig;
  }

  /** An Ignition 3.4.0 configuration that writes the kubeconfig with mode 0600. */
  public SecretText ignition() {
    String content =
        Base64.getEncoder().encodeToString(revealed().getBytes(StandardCharsets.UTF_8));
    return SecretText.of(
        """
        {
          "ignition": {"version": "3.4.0"},
          "storage": {
            "files": [
              {
                "path": "%s",
                "mode": 384,
                "overwrite": true,
                "contents": {"source": "data:;base64,%s"}
              }
            ]
          }
        }
        """
            .formatted(KUBECONFIG_PATH, content));
  }

  /** A Butane file (variant fcos 1.5.0) that writes the kubeconfig with mode 0600. */
  public SecretText butane() {
    StringBuilder text =
        new StringBuilder(
            """
            variant: fcos
            version: 1.5.0
            storage:
              files:
                - path: %s
                  mode: 0600
                  overwrite: true
                  contents:
                    inline: |
            """
                .formatted(KUBECONFIG_PATH));
    revealed().lines().forEach(line -> text.append("          ").append(line).append('\n'));
    return SecretText.of(text.toString());
  }

  private String revealed() {
    return kubeconfig.reveal(SecretAccess.because("wrapped in a node's configuration, secret too"));
  }

  @Override
  public String toString() {
    return "NodeFiles[redacted]";
  }
}
