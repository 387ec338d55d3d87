package dev.countersign.approver.join;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.JsonWriting;
import dev.countersign.policy.join.JoinGrant;
import dev.countersign.policy.join.Known;
import dev.countersign.policy.join.NameClaim;
import dev.countersign.policy.join.NodePresence;
import dev.countersign.policy.join.TokenId;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads the facts of a join, each by a quorum read of one object, and writes its records. */
final class JoinRecordsClient {
  private final ApiClient client;
  private final String namespace;

  JoinRecordsClient(ApiClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /** A ConfigMap as far as it matters, with all of its labels and annotations. */
  record Stored(
      String name,
      String resourceVersion,
      Map<String, String> labels,
      Map<String, String> annotations,
      Map<String, String> data) {
    static Stored decode(JsonParser parser) throws IOException {
      var meta = new ObjectMeta();
      var read =
          new Object() {
            Map<String, String> labels = Map.of();
            Map<String, String> annotations = Map.of();
            Map<String, String> data = Map.of();
          };
      JsonReading.object(
          parser,
          part -> {
            switch (part) {
              case "metadata" ->
                  JsonReading.object(
                      parser,
                      field -> {
                        switch (field) {
                          case "labels" -> read.labels = JsonReading.stringMap(parser);
                          case "annotations" -> read.annotations = JsonReading.stringMap(parser);
                          default -> meta.take(field, parser);
                        }
                      });
              case "data" -> read.data = JsonReading.stringMap(parser);
              default -> {}
            }
          });
      return new Stored(
          meta.name(), meta.resourceVersion(), read.labels, read.annotations, read.data);
    }
  }

  /** What a read gave: the value for the policy, and the object to write over. */
  record ReadRecord<T>(Known<Optional<T>> value, Optional<Stored> stored) {}

  ReadRecord<JoinGrant> grant(TokenId token) {
    return read(JoinGrant.recordName(token), JoinGrant::fromData);
  }

  ReadRecord<NameClaim> claim(String node) {
    return read(NameClaim.recordName(node), NameClaim::fromData);
  }

  private <T> ReadRecord<T> read(String name, Function<Map<String, String>, T> parse) {
    return switch (client.get(path(name), Stored::decode)) {
      case Outcome.Done<Stored>(Stored stored) -> {
        try {
          yield new ReadRecord<>(
              Known.of(Optional.of(parse.apply(stored.data()))), Optional.of(stored));
        } catch (IllegalArgumentException e) {
          yield new ReadRecord<>(
              Known.unknown("record " + name + " " + e.getMessage()), Optional.of(stored));
        }
      }
      case Outcome.Refused<Stored> refused
          when refused.status().reason() == StatusReason.NOT_FOUND ->
          new ReadRecord<>(Known.of(Optional.empty()), Optional.empty());
      case Outcome.Refused<Stored> refused ->
          new ReadRecord<>(Known.unknown(refused.status().toString()), Optional.empty());
      case Outcome.Unreachable<Stored>(String why) ->
          new ReadRecord<>(Known.unknown(why), Optional.empty());
    };
  }

  /** Whether there is such a Node, and when it was last in contact. */
  Known<NodePresence> node(String name) {
    return switch (client.get(ApiQuery.path("api", "v1", "nodes", name), JsonReading::skipped)) {
      case Outcome.Done<Boolean> _ -> lastContact(name);
      case Outcome.Refused<Boolean> refused
          when refused.status().reason() == StatusReason.NOT_FOUND ->
          Known.of(new NodePresence.Absent());
      case Outcome.Refused<Boolean> refused -> Known.unknown(refused.status().toString());
      case Outcome.Unreachable<Boolean>(String why) -> Known.unknown(why);
    };
  }

  private Known<NodePresence> lastContact(String name) {
    String target =
        ApiQuery.path(
            "apis", "coordination.k8s.io", "v1", "namespaces", "kube-node-lease", "leases", name);
    return switch (client.get(target, JoinRecordsClient::renewTime)) {
      case Outcome.Done<Optional<Instant>>(Optional<Instant> at) ->
          Known.of(new NodePresence.Present(at));
      case Outcome.Refused<Optional<Instant>> refused
          when refused.status().reason() == StatusReason.NOT_FOUND ->
          Known.of(new NodePresence.Present(Optional.empty()));
      case Outcome.Refused<Optional<Instant>> refused -> Known.unknown(refused.status().toString());
      case Outcome.Unreachable<Optional<Instant>>(String why) -> Known.unknown(why);
    };
  }

  private static Optional<Instant> renewTime(JsonParser parser) throws IOException {
    var read =
        new Object() {
          String renewed = "";
        };
    JsonReading.object(
        parser,
        part -> {
          if (part.equals("spec")) {
            JsonReading.object(
                parser,
                field -> {
                  if (field.equals("renewTime")) {
                    read.renewed = JsonReading.string(parser);
                  }
                });
          }
        });
    try {
      return read.renewed.isEmpty()
          ? Optional.empty()
          : Optional.of(OffsetDateTime.parse(read.renewed).toInstant());
    } catch (DateTimeException e) {
      throw new IOException("spec.renewTime: got no time", e);
    }
  }

  /** Replaces the grant that was read; refused with a conflict where it changed since. */
  Outcome<Boolean> write(Stored read, JoinGrant grant) {
    return client.put(
        path(read.name()),
        body(
            read.name(), read.resourceVersion(), read.labels(), read.annotations(), grant.toData()),
        ApiClient.METADATA_ONLY,
        JsonReading::skipped);
  }

  /** Creates a claim, or replaces the one that was read; refused where someone was quicker. */
  Outcome<Boolean> write(Optional<Stored> read, NameClaim claim) {
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
