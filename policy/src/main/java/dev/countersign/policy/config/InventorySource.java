package dev.countersign.policy.config;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

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
   * Cluster API Machines: the one whose {@code status.nodeRef.name} is the Node.
   *
   * @param namespace where they are; empty for all namespaces
   */
  record Machines(String name, Optional<String> namespace) implements InventorySource {
    public Machines {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(namespace, "namespace");
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
