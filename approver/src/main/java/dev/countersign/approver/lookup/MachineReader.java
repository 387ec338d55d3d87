package dev.countersign.approver.lookup;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiClientOptions;
import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.credential.ClientCredentials;
import dev.countersign.kube.credential.CredentialsResult;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.policy.config.InventorySource.Machines;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.inventory.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads Machines, here or in the cluster of a kubeconfig. An API that is not installed and a read
 * that is forbidden are unknown, never "no Machine"; what to do comes first, as a violation shows
 * 200 characters. Each source is read by one thread at a time.
 */
final class MachineReader implements AutoCloseable {
  private final ClusterSource here;
  private final InstantSource clock;
  private final Map<Machines, Connected> elsewhere = new ConcurrentHashMap<>();

  /**
   * A connection by a kubeconfig.
   *
   * @param version tells the file from its successors
   */
  private record Connected(String version, ApiClient client) {}

  MachineReader(ClusterSource here, InstantSource clock) {
    this.here = here;
    this.clock = clock;
  }

  Fact<List<Machine>> read(Machines source) {
    if (source.kubeconfig().isEmpty()) {
      return read(source, here, "this cluster");
    }
    String file = source.kubeconfig().get();
    try {
      return read(
          source, ClusterSource.of(connect(source, Path.of(file))), "the cluster of " + file);
    } catch (IOException e) {
      return Fact.unknown(String.valueOf(e.getMessage()));
    }
  }

  private ApiClient connect(Machines source, Path file) throws IOException {
    Connected known = elsewhere.get(source);
    String version = version(file);
    if (known != null && known.version().equals(version)) {
      return known.client();
    }
    return switch (ClientCredentials.fromKubeconfig(file, Optional.empty(), clock)) {
      case CredentialsResult.Unusable(String problem) -> throw new IOException(problem);
      case CredentialsResult.Usable(ClientCredentials credentials) -> {
        ApiClient client =
            new ApiClient(credentials, ApiClientOptions.defaults(), ApiObserver.NONE);
        elsewhere.put(source, new Connected(version, client));
        if (known != null) {
          known.client().close();
        }
        yield client;
      }
    };
  }

  /** What changes when a Secret's volume gets another version of the file. */
  private static String version(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
    } catch (IOException e) {
      // Whoever reads the file says what is wrong with it.
      return "";
    }
  }

  private static Fact<List<Machine>> read(Machines source, ClusterSource cluster, String where) {
    if (source.version().isPresent()) {
      return list(source, source.version().get(), cluster, where);
    }
    return switch (cluster.get(ApiQuery.path("apis", source.group()), MachineReader::preferred)) {
      case ApiResult.Done<String>(String preferred) -> list(source, preferred, cluster, where);
      case ApiResult.Refused<String>(ApiStatus status) ->
          Fact.unknown(
              status.reason() == StatusReason.NOT_FOUND
                  ? "no API group "
                      + source.group()
                      + "; set machines.group or machines.kubeconfig; looked in "
                      + where
                  : "versions of " + source.group() + " in " + where + ": " + status);
      case ApiResult.Unreachable<String>(String why) -> Fact.unknown(where + ": " + why);
    };
  }

  private static Fact<List<Machine>> list(
      Machines source, String version, ClusterSource cluster, String where) {
    List<Machine> machines = new ArrayList<>();
    ListOptions query =
        ListOptions.all(path(source, version)).withLabelSelector(source.labelSelector().orElse(""));
    return switch (cluster.list(query, MachineObject::decode, machines::add)) {
      case ApiResult.Done<String> _ -> Fact.known(List.copyOf(machines));
      case ApiResult.Refused<String>(ApiStatus status) ->
          Fact.unknown(refused(source, version, where, status));
      case ApiResult.Unreachable<String>(String why) -> Fact.unknown(where + ": " + why);
    };
  }

  private static String path(Machines source, String version) {
    return source
        .namespace()
        .map(
            namespace ->
                ApiQuery.path(
                    "apis", source.group(), version, "namespaces", namespace, Machines.RESOURCE))
        .orElseGet(() -> ApiQuery.path("apis", source.group(), version, Machines.RESOURCE));
  }

  private static String refused(Machines source, String version, String where, ApiStatus status) {
    String resource = Machines.RESOURCE + "." + source.group();
    return switch (status.reason()) {
      case NOT_FOUND ->
          "no "
              + resource
              + " of version "
              + version
              + "; set machines.version (kubectl get --raw /apis/"
              + source.group()
              + "); looked in "
              + where;
      case FORBIDDEN, UNAUTHORIZED ->
          "let the approver list "
              + resource
              + source.namespace().map(namespace -> " in namespace " + namespace).orElse("")
              + ": "
              + status.code()
              + " from "
              + where;
      default -> where + ": " + status;
    };
  }

  /** The version that an {@code APIGroup} names as preferred. */
  private static String preferred(JsonParser parser) throws IOException {
    String version = JsonReading.stringAt(parser, "preferredVersion", "version").orElse("");
    if (!Machines.isVersion(version)) {
      throw new IOException("preferredVersion.version: got no version");
    }
    return version;
  }

  /** Closes connections that nobody has used for a while. */
  void closeUnused() {
    elsewhere.values().forEach(connected -> connected.client().closeUnused());
  }

  @Override
  public void close() {
    for (Machines source : List.copyOf(elsewhere.keySet())) {
      Connected connected = elsewhere.remove(source);
      if (connected != null) {
        connected.client().close();
      }
    }
  }
}
