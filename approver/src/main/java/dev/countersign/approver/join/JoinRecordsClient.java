package dev.countersign.approver.join;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ConfigMapObject;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.policy.join.JoinGrant;
import dev.countersign.policy.join.NameClaim;
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
  Outcome<Boolean> write(ConfigMapObject read, JoinGrant grant) {
    return replace(read.withData(grant.toData()));
  }

  /** Creates a claim, or replaces the one that was read; refused where someone was quicker. */
  Outcome<Boolean> write(Optional<ConfigMapObject> read, NameClaim claim) {
    return read.map(found -> replace(found.withData(claim.toData())))
        .orElseGet(
            () ->
                client.create(
                    ConfigMapObject.collection(namespace),
                    new ConfigMapObject(
                            NameClaim.recordName(claim.node()),
                            "",
                            Map.of(JoinGrant.LABEL, NameClaim.LABEL_VALUE),
                            Map.of(),
                            claim.toData())
                        .body(namespace),
                    JsonReading::skipped));
  }

  private Outcome<Boolean> replace(ConfigMapObject record) {
    return client.put(
        ConfigMapObject.path(namespace, record.name()),
        record.body(namespace),
        ApiClient.METADATA_ONLY,
        JsonReading::skipped);
  }
}
