package dev.countersign.policy.config;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where an inventory is kept. Read by the approver; this module only says where and how. */
public sealed interface InventorySource {
  /** Its name in facts and messages. */
  String name();

  /**
   * A file of kind Inventory.
   *
   * @param path as seen by the approver
   */
  record File(String name, String path) implements InventorySource {
    public File {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(path, "path");
    }
  }

  /**
   * A key of a ConfigMap that holds a document of kind Inventory.
   *
   * @param namespace its namespace
   * @param configMap its name
   * @param key the key
   */
  record ConfigMap(String name, String namespace, String configMap, String key)
      implements InventorySource {
    public ConfigMap {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(namespace, "namespace");
      Objects.requireNonNull(configMap, "configMap");
      Objects.requireNonNull(key, "key");
    }
  }

  /**
   * Machines of Cluster API or of another API of the same shape, such as OpenShift's machine API:
   * the one whose {@code status.nodeRef.name} is the Node.
   *
   * @param group their API group
   * @param version their version; empty for the one that the API server prefers
   * @param namespace where they are; empty for all namespaces
   * @param labelSelector which of them; empty for all
   * @param kubeconfig file that names the cluster they are in, as seen by the approver; empty for
   *     the cluster whose requests are evaluated
   * @param bootstrappers ServiceAccounts whose requests for client certificates join one of these
   *     Machines, where the approver decides on those
   */
  record Machines(
      String name,
      String group,
      Optional<String> version,
      Optional<String> namespace,
      Optional<String> labelSelector,
      Optional<String> kubeconfig,
      List<Bootstrapper> bootstrappers)
      implements InventorySource {
    /** The plural resource, in every group. */
    public static final String RESOURCE = "machines";

    /** The group of Cluster API. */
    public static final String CLUSTER_API = "cluster.x-k8s.io";

    /** What a group looks like, as a noun phrase for messages. */
    public static final String GROUP_RULE = "an API group such as " + CLUSTER_API;

    /** What a version looks like, as a noun phrase for messages. */
    public static final String VERSION_RULE = "an API version such as v1beta1";

    private static final Pattern GROUP =
        Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+");
    private static final Pattern VERSION =
        Pattern.compile("v[1-9][0-9]{0,8}((alpha|beta)[1-9][0-9]{0,8})?");

    public Machines {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(group, "group");
      Objects.requireNonNull(version, "version");
      Objects.requireNonNull(namespace, "namespace");
      Objects.requireNonNull(labelSelector, "labelSelector");
      Objects.requireNonNull(kubeconfig, "kubeconfig");
      bootstrappers = List.copyOf(bootstrappers);
      if (!isGroup(group)) {
        throw new IllegalArgumentException("group must be " + GROUP_RULE);
      }
      if (version.filter(v -> !isVersion(v)).isPresent()) {
        throw new IllegalArgumentException("version must be " + VERSION_RULE);
      }
      if (kubeconfig.isPresent() && namespace.isEmpty() && labelSelector.isEmpty()) {
        throw new IllegalArgumentException(
            "namespace or labelSelector must be given with kubeconfig");
      }
    }

    /** All Machines of Cluster API in the cluster itself. */
    public static Machines ofClusterApi(String name) {
      return new Machines(
          name,
          CLUSTER_API,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of());
    }

    /** Whether a text can be an API group. */
    public static boolean isGroup(String text) {
      return text.length() <= 253 && GROUP.matcher(text).matches();
    }

    /** Whether a text can be an API version. */
    public static boolean isVersion(String text) {
      return VERSION.matcher(text).matches();
    }
  }

  /**
   * A ServiceAccount that asks for the client certificates of new machines, such as OpenShift's
   * {@code openshift-machine-config-operator/node-bootstrapper}.
   *
   * @param namespace its namespace
   * @param serviceAccount its name
   * @param window how long after a Machine was created a request for it may be made
   */
  record Bootstrapper(String namespace, String serviceAccount, Duration window) {
    /** As long as OpenShift's own approver waits. */
    public static final Duration DEFAULT_WINDOW = Duration.ofHours(2);

    public Bootstrapper {
      Objects.requireNonNull(namespace, "namespace");
      Objects.requireNonNull(serviceAccount, "serviceAccount");
      if (!window.isPositive()) {
        throw new IllegalArgumentException("window must be positive");
      }
    }

    /** The user that it authenticates as. */
    public String username() {
      return "system:serviceaccount:" + namespace + ":" + serviceAccount;
    }

    /** The group of its namespace's ServiceAccounts. */
    public String group() {
      return "system:serviceaccounts:" + namespace;
    }
  }

  /**
   * An HTTPS service asked once per decision.
   *
   * @param url where; {@code https} only
   * @param caFile PEM certificates to verify it with
   * @param clientCertificateFile PEM certificate to identify with, if any
   * @param clientKeyFile PEM key for it
   * @param timeout for the whole exchange
   */
  record Webhook(
      String name,
      String url,
      String caFile,
      Optional<String> clientCertificateFile,
      Optional<String> clientKeyFile,
      Duration timeout)
      implements InventorySource {
    public Webhook {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(url, "url");
      Objects.requireNonNull(caFile, "caFile");
      Objects.requireNonNull(timeout, "timeout");
      if (!url.startsWith("https://")) {
        throw new IllegalArgumentException("url must start with https://");
      }
      if (clientCertificateFile.isPresent() != clientKeyFile.isPresent()) {
        throw new IllegalArgumentException(
            "clientCertificateFile and clientKeyFile must be given together");
      }
    }
  }
}
