package dev.countersign.approver.join;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ConfigMapObject;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodeNameReservation;
import dev.countersign.policy.join.TokenId;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads the facts of a join, each by a read of one object. */
final class JoinRecordsReader {
  private final ClusterSource cluster;
  private final String namespace;

  JoinRecordsReader(ClusterSource cluster, String namespace) {
    this.cluster = cluster;
    this.namespace = namespace;
  }

  /** What a read gave: the value for the policy, and the object to write over. */
  record ReadRecord<T>(Fact<Optional<T>> value, Optional<ConfigMapObject> stored) {}

  ReadRecord<BootstrapTokenGrant> grant(TokenId token) {
    return read(BootstrapTokenGrant.recordName(token), BootstrapTokenGrant::fromData);
  }

  ReadRecord<NodeNameReservation> claim(String node) {
    return read(NodeNameReservation.recordName(node), NodeNameReservation::fromData);
  }

  private <T> ReadRecord<T> read(String name, Function<Map<String, String>, T> parse) {
    return switch (cluster.get(ConfigMapObject.path(namespace, name), ConfigMapObject::decode)) {
      case ApiResult.Done<ConfigMapObject>(ConfigMapObject stored) -> {
        try {
          yield new ReadRecord<>(
              Fact.known(Optional.of(parse.apply(stored.data()))), Optional.of(stored));
        } catch (IllegalArgumentException e) {
          yield new ReadRecord<>(
              Fact.unknown("record " + name + " " + e.getMessage()), Optional.of(stored));
        }
      }
      case ApiResult.Refused<ConfigMapObject> refused
          when refused.status().reason() == StatusReason.NOT_FOUND ->
          new ReadRecord<>(Fact.known(Optional.empty()), Optional.empty());
      case ApiResult.Refused<ConfigMapObject> refused ->
          new ReadRecord<>(Fact.unknown(refused.status().toString()), Optional.empty());
      case ApiResult.Unreachable<ConfigMapObject>(String why) ->
          new ReadRecord<>(Fact.unknown(why), Optional.empty());
    };
  }

  /** Whether there is such a Node, and when it was last in contact. */
  Fact<NodePresence> node(String name) {
    return switch (cluster.get(ApiQuery.path("api", "v1", "nodes", name), JsonReading::skipped)) {
      case ApiResult.Done<Boolean> _ -> lastContact(name);
      case ApiResult.Refused<Boolean> refused
          when refused.status().reason() == StatusReason.NOT_FOUND ->
          Fact.known(new NodePresence.Absent());
      case ApiResult.Refused<Boolean> refused -> Fact.unknown(refused.status().toString());
      case ApiResult.Unreachable<Boolean>(String why) -> Fact.unknown(why);
    };
  }

  private Fact<NodePresence> lastContact(String name) {
    String target =
        ApiQuery.path(
            "apis", "coordination.k8s.io", "v1", "namespaces", "kube-node-lease", "leases", name);
    return switch (cluster.get(target, JoinRecordsReader::renewTime)) {
      case ApiResult.Done<Optional<Instant>>(Optional<Instant> at) ->
          Fact.known(new NodePresence.Present(at));
      case ApiResult.Refused<Optional<Instant>> refused
          when refused.status().reason() == StatusReason.NOT_FOUND ->
          Fact.known(new NodePresence.Present(Optional.empty()));
      case ApiResult.Refused<Optional<Instant>> refused ->
          Fact.unknown(refused.status().toString());
      case ApiResult.Unreachable<Optional<Instant>>(String why) -> Fact.unknown(why);
    };
  }

  private static Optional<Instant> renewTime(JsonParser parser) throws IOException {
    try {
      return JsonReading.stringAt(parser, "spec", "renewTime")
          .filter(text -> !text.isEmpty())
          .map(text -> OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      throw new IOException("spec.renewTime: got no time", e);
    }
  }
}
