package dev.countersign.approver.join;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.JsonWriting;
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
  Outcome<Boolean> write(JoinRecordsReader.Stored read, JoinGrant grant) {
    return client.put(
        path(read.name()),
        body(
            read.name(), read.resourceVersion(), read.labels(), read.annotations(), grant.toData()),
        ApiClient.METADATA_ONLY,
        JsonReading::skipped);
  }

  /** Creates a claim, or replaces the one that was read; refused where someone was quicker. */
  Outcome<Boolean> write(Optional<JoinRecordsReader.Stored> read, NameClaim claim) {
    String name = NameClaim.recordName(claim.node());
    if (read.isPresent()) {
      return client.put(
          path(name),
          body(
              name,
              read.get().resourceVersion(),
              read.get().labels(),
              read.get().annotations(),
              claim.toData()),
          ApiClient.METADATA_ONLY,
          JsonReading::skipped);
    }
    return client.create(
        ApiQuery.path("api", "v1", "namespaces", namespace, "configmaps"),
        body(name, "", Map.of(JoinGrant.LABEL, NameClaim.LABEL_VALUE), Map.of(), claim.toData()),
        JsonReading::skipped);
  }

  private byte[] body(
      String name,
      String resourceVersion,
      Map<String, String> labels,
      Map<String, String> annotations,
      Map<String, String> data) {
    return JsonWriting.object(
        out -> {
          out.writeStringField("apiVersion", "v1");
          out.writeStringField("kind", "ConfigMap");
          out.writeObjectFieldStart("metadata");
          out.writeStringField("name", name);
          out.writeStringField("namespace", namespace);
          if (!resourceVersion.isEmpty()) {
            out.writeStringField("resourceVersion", resourceVersion);
          }
          out.writeObjectFieldStart("labels");
          for (Map.Entry<String, String> label : labels.entrySet()) {
            out.writeStringField(label.getKey(), label.getValue());
          }
          out.writeEndObject();
          if (!annotations.isEmpty()) {
            out.writeObjectFieldStart("annotations");
            for (Map.Entry<String, String> annotation : annotations.entrySet()) {
              out.writeStringField(annotation.getKey(), annotation.getValue());
            }
            out.writeEndObject();
          }
          out.writeEndObject();
          out.writeObjectFieldStart("data");
          for (Map.Entry<String, String> entry : data.entrySet()) {
            out.writeStringField(entry.getKey(), entry.getValue());
          }
          out.writeEndObject();
        });
  }

  private String path(String name) {
    return ApiQuery.path("api", "v1", "namespaces", namespace, "configmaps", name);
  }
}
