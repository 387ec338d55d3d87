package dev.countersign.policy.config;

import java.util.Objects;

/**
 * Where the certificate authorities of kubelets' serving certificates are, as PEM; what the API
 * server has as {@code --kubelet-certificate-authority}. Read by the approver, again and again.
 */
public sealed interface KubeletAuthority {
  /** The authorities that the API server itself is verified with. */
  record OfApiServer() implements KubeletAuthority {}

  /**
   * A file.
   *
   * @param path as seen by the approver
   */
  record File(String path) implements KubeletAuthority {
    public File {
      Objects.requireNonNull(path, "path");
    }
  }

  /**
   * A key of a ConfigMap, for example of {@code openshift-config-managed/csr-controller-ca}.
   *
   * @param namespace its namespace
   * @param name its name
   * @param key the key
   */
  record ConfigMap(String namespace, String name, String key) implements KubeletAuthority {
    /** The key unless told otherwise. */
    public static final String DEFAULT_KEY = "ca-bundle.crt";

    public ConfigMap {
      Objects.requireNonNull(namespace, "namespace");
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(key, "key");
    }
  }
}
