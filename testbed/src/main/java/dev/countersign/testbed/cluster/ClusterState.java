package dev.countersign.testbed.cluster;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.process.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * {@code state.json}: what runs in a directory, so that a later process can tell and end it without
 * ever touching a foreign one.
 *
 * @param version of Kubernetes
 * @param server the API server's address
 * @param placementId names this control plane's addresses
 * @param supervisor ends everything else when it ends
 * @param processes by name
 */
public record ClusterState(
    String version,
    String server,
    String placementId,
    ProcessIdentity supervisor,
    Map<String, ProcessIdentity> processes) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .build();

  /** Null-checks and copies. */
  public ClusterState {
    Objects.requireNonNull(version);
    Objects.requireNonNull(server);
    Objects.requireNonNull(placementId);
    Objects.requireNonNull(supervisor);
    processes = Map.copyOf(new LinkedHashMap<>(processes));
  }

  /** Whether its supervisor, and so the control plane, runs. */
  public boolean isAlive() {
    return supervisor.isAlive();
  }

  /** Reads it; empty where there is none. */
  public static Optional<ClusterState> read(Path file) throws ControlPlaneFailure {
    try {
      return Optional.of(JSON.readValue(file.toFile(), new TypeReference<ClusterState>() {}));
    } catch (IOException e) {
      if (Files.notExists(file) || e instanceof NoSuchFileException) {
        return Optional.empty();
      }
      throw new ControlPlaneFailure(
          "%s: got something else (%s); want what countersign controlplane up wrote; look for its processes with ps, then remove the directory"
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  /** Writes it by one rename. */
  public void write(Path file) throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    JSON.writeValue(partial.toFile(), this);
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
