package dev.countersign.cli.csr;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ListOptions;
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
  public <T> ApiResult<T> get(String path, JsonDecoder<T> decoder) {
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
          ? new ApiResult.Refused<>(
              new ApiStatus(404, StatusReason.NOT_FOUND, path, Optional.empty()))
          : new ApiResult.Unreachable<>("no " + kind + " among the files");
    }
    try (JsonParser parser = found.get().traverse()) {
      parser.nextToken();
      return new ApiResult.Done<>(decoder.decode(parser));
    } catch (IOException e) {
      return new ApiResult.Unreachable<>(kind + " " + name + ": cannot be read");
    }
  }

  @Override
  public <T> ApiResult<String> list(
      ListOptions query, JsonDecoder<T> decoder, Consumer<? super T> sink) {
    return new ApiResult.Unreachable<>(query.selection().target() + ": files are not listed");
  }
}
