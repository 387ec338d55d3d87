package dev.countersign.approver.join;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ConfigMapObject;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodeNameReservation;
import java.util.Map;
import java.util.Optional;

/** Writes the records of joins. */
final class JoinRecordsClient {
  private final ApiClient client;
  private final String namespace;

  JoinRecordsClient(ApiClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** Replaces the grant that was read; refused with a conflict where it changed since. */
  ApiResult<Boolean> write(ConfigMapObject read, BootstrapTokenGrant grant) {
    return replace(read.withData(grant.toData()));
  }

  /** Creates a claim, or replaces the one that was read; refused where someone was quicker. */
  ApiResult<Boolean> write(Optional<ConfigMapObject> read, NodeNameReservation claim) {
    return read.map(found -> replace(found.withData(claim.toData())))
        .orElseGet(
            () ->
                client.create(
                    ConfigMapObject.collection(namespace),
                    new ConfigMapObject(
                            NodeNameReservation.recordName(claim.node()),
                            "",
                            Map.of(BootstrapTokenGrant.LABEL, NodeNameReservation.LABEL_VALUE),
                            Map.of(),
                            claim.toData())
                        .body(namespace),
                    JsonReading::skipped));
  }

  private ApiResult<Boolean> replace(ConfigMapObject record) {
    return client.put(
        ConfigMapObject.path(namespace, record.name()),
        record.body(namespace),
        ApiClient.METADATA_ONLY,
        JsonReading::skipped);
  }
}
