package dev.countersign.approver.ownership;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ConfigMapObject;
import dev.countersign.kube.StatusReason;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import java.util.Map;
import java.util.Optional;

/** The ConfigMaps that keep the records and their key, in one namespace. Thread-safe. */
final class RecordObjects {
  private static final Map<String, String> LABELS =
      Map.of("app.kubernetes.io/managed-by", "countersign", Shard.LABEL, Shard.LABEL_VALUE);

  private final ApiClient client;
  private final String namespace;

  RecordObjects(ApiClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** The path of all of them. */
  String collection() {
    return ConfigMapObject.collection(namespace);
  }

  private String path(int number) {
    return ConfigMapObject.path(namespace, Shard.objectName(number));
  }

  /** As people write it. */
  String shown(String name) {
    return namespace + "/" + name;
  }

  /** The number of the shard in a ConfigMap of that name, if it is one of ours. */
  static Optional<Integer> numberOf(String name) {
    String digits =
        name.startsWith(Shard.OBJECT_PREFIX) ? name.substring(Shard.OBJECT_PREFIX.length()) : "";
    if (!digits.matches("[0-9]{2}") || Integer.parseInt(digits) >= Shard.COUNT) {
      return Optional.empty();
    }
    return Optional.of(Integer.parseInt(digits));
  }

  /** Reads one shard. */
  ApiResult<ShardObject> read(int number) {
    return client.get(path(number), ShardObject::decode);
  }

  /**
   * Writes one shard.
   *
   * @param version the resourceVersion that it is based on; empty where there is no object yet
   */
  ApiResult<ShardObject> write(int number, String version, Shard shard) {
    byte[] body = body(Shard.objectName(number), version, Shard.DATA_KEY, shard.toText());
    return version.isEmpty()
        ? client.create(collection(), body, ShardObject::decode)
        : client.put(path(number), body, ApiClient.METADATA_ONLY, ShardObject::decode);
  }

  /** Creates the key's object. */
  ApiResult<ShardObject> create(ShardKey key) {
    return client.create(
        collection(),
        body(ShardKey.OBJECT_NAME, "", ShardKey.DATA_KEY, key.toText()),
        ShardObject::decode);
  }

  private byte[] body(String name, String version, String dataKey, String text) {
    return new ConfigMapObject(name, version, LABELS, Map.of(), Map.of(dataKey, text))
        .body(namespace);
  }

  /** What is to be done about a refusal; empty where it may pass by itself. */
  String remedy(ApiStatus status) {
    return switch (status.reason()) {
      case NOT_FOUND ->
          "create the namespace (kubectl create namespace "
              + namespace
              + "), or name another with --namespace";
      case FORBIDDEN -> "grant create and update on configmaps in namespace " + namespace;
      default -> "";
    };
  }

  /** Whether somebody else wrote meanwhile, so that it is to be read again. */
  static boolean raced(ApiStatus status, String version) {
    return status.reason() == StatusReason.CONFLICT
        || status.reason() == StatusReason.ALREADY_EXISTS
        || (status.reason() == StatusReason.NOT_FOUND && !version.isEmpty());
  }
}
