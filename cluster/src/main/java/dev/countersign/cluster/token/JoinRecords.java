package dev.countersign.cluster.token;

import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodeNameReservation;
import dev.countersign.policy.join.TokenId;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The records of strict join, as an operator's command changes them: ConfigMaps in a namespace that
 * holds nothing else, so that the approver may write there and nowhere else.
 */
public final class JoinRecords {
  private final KubernetesClient client;
  private final String namespace;

  /** Records in a namespace. */
  public JoinRecords(KubernetesClient client, String namespace) {
    this.client = Objects.requireNonNull(client, "client");
    this.namespace = Objects.requireNonNull(namespace, "namespace");
  }

  /** Creates a grant, and the namespace where it is missing. */
  public void create(BootstrapTokenGrant grant) {
    ConfigMap record = toConfigMap(grant);
    try {
      client.configMaps().inNamespace(namespace).resource(record).create();
    } catch (KubernetesClientException e) {
      if (e.getCode() != 404) {
        throw e;
      }
      client
          .namespaces()
          .resource(
              new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
          .create();
      client.configMaps().inNamespace(namespace).resource(record).create();
    }
  }

  /** Replaces a grant's conditions, keeping to the version that was read. */
  void replace(ConfigMap read, BootstrapTokenGrant grant) {
    ConfigMap next = new ConfigMapBuilder(read).withData(grant.toData()).build();
    client.configMaps().inNamespace(namespace).resource(next).update();
  }

  /** The grants, by token. Records that cannot be read are left out of the map. */
  public Map<TokenId, BootstrapTokenGrant> grants() {
    Map<TokenId, BootstrapTokenGrant> grants = new LinkedHashMap<>();
    for (ConfigMap record :
        client
            .configMaps()
            .inNamespace(namespace)
            .withLabel(BootstrapTokenGrant.LABEL, BootstrapTokenGrant.LABEL_VALUE)
            .list()
            .getItems()) {
      try {
        BootstrapTokenGrant grant =
            BootstrapTokenGrant.fromData(Objects.requireNonNullElse(record.getData(), Map.of()));
        grants.put(grant.token(), grant);
      } catch (IllegalArgumentException _) {
        // an unreadable grant grants nothing; the doctor names it
      }
    }
    return grants;
  }

  /** The grant's record of a token. */
  Optional<ConfigMap> record(TokenId token) {
    return Optional.ofNullable(
        client
            .configMaps()
            .inNamespace(namespace)
            .withName(BootstrapTokenGrant.recordName(token))
            .get());
  }

  /** The grant of a token. */
  public Optional<BootstrapTokenGrant> grant(TokenId token) {
    return record(token).map(record -> BootstrapTokenGrant.fromData(record.getData()));
  }

  /** Deletes a grant; returns whether there was one. */
  public boolean delete(TokenId token) {
    return !client
        .configMaps()
        .inNamespace(namespace)
        .withName(BootstrapTokenGrant.recordName(token))
        .delete()
        .isEmpty();
  }

  /** Whether there is a namespace for them, without which strict join was never used. */
  public boolean areKept() {
    return client.namespaces().withName(namespace).get() != null;
  }

  /** Whether there is a record of a name, readable or not. */
  public boolean hasRecord(String node) {
    return client
            .configMaps()
            .inNamespace(namespace)
            .withName(NodeNameReservation.recordName(node))
            .get()
        != null;
  }

  /**
   * Marks a name as revoked, so that certificates for it are not renewed until it joins again.
   * Where the namespace is missing strict join was never used, and nothing is written.
   *
   * @return whether it was written
   */
  public boolean revoke(String node, Instant at) {
    ConfigMap record =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(NodeNameReservation.recordName(node))
            .withNamespace(namespace)
            .addToLabels(BootstrapTokenGrant.LABEL, NodeNameReservation.LABEL_VALUE)
            .endMetadata()
            .withData(new NodeNameReservation.Revoked(node, at).toData())
            .build();
    for (int attempt = 0; ; attempt++) {
      ConfigMap present =
          client
              .configMaps()
              .inNamespace(namespace)
              .withName(NodeNameReservation.recordName(node))
              .get();
      try {
        if (present == null) {
          client.configMaps().inNamespace(namespace).resource(record).create();
        } else {
          client
              .configMaps()
              .inNamespace(namespace)
              .resource(new ConfigMapBuilder(present).withData(record.getData()).build())
              .update();
        }
        return true;
      } catch (KubernetesClientException e) {
        if (e.getCode() == 404 && present == null) {
          return false;
        }
        if (e.getCode() != 409 || attempt >= 5) {
          throw e;
        }
      }
    }
  }

  private ConfigMap toConfigMap(BootstrapTokenGrant grant) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(BootstrapTokenGrant.recordName(grant.token()))
        .withNamespace(namespace)
        .addToLabels(BootstrapTokenGrant.LABEL, BootstrapTokenGrant.LABEL_VALUE)
        .endMetadata()
        .withData(grant.toData())
        .build();
  }
}
