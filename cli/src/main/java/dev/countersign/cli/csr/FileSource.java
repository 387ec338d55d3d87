package dev.countersign.cli.csr;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ListQuery;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.json.JsonDecoder;
import dev.countersign.policy.file.ClusterObjects;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** The objects of files as if a cluster had them, for what is read object by object. */
final class FileSource implements ClusterSource {
  private final ClusterObjects objects;

  FileSource(ClusterObjects objects) {
    this.objects = objects;
  }

  @Override
  public <T> Outcome<T> get(String path, JsonDecoder<T> decoder) {
    String[] parts = path.split("/", -1);
    String plural = parts.length < 2 ? "" : parts[parts.length - 2];
    String name = parts[parts.length - 1];
    String kind =
        switch (plural) {
          case "nodes" -> "Node";
          case "leases" -> "Lease";
          case "configmaps" -> "ConfigMap";
          default -> "";
        };
    Optional<JsonNode> found = objects.raw(kind, name);
    if (found.isEmpty()) {
      return objects.knows(kind)
          ? new Outcome.Refused<>(
              new ApiStatus(404, StatusReason.NOT_FOUND, path, Optional.empty()))
          : new Outcome.Unreachable<>("no " + kind + " among the files");
    }
    try (JsonParser parser = found.get().traverse()) {
      parser.nextToken();
      return new Outcome.Done<>(decoder.decode(parser));
    } catch (IOException e) {
      return new Outcome.Unreachable<>(kind + " " + name + ": cannot be read");
    }
  }

  @Override
  public <T> Outcome<String> list(
      ListQuery query, JsonDecoder<T> decoder, Consumer<? super T> sink) {
    return new Outcome.Unreachable<>(query.selection().target() + ": files are not listed");
  }
}
