package dev.countersign.testbed;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How a control plane is to be.
 *
 * @param directory its own: files, data and logs; made where it is not there
 * @param port of the API server; empty for 6443 on an address of its own
 * @param components beside etcd and the API server
 * @param durable whether etcd waits for the disk (fsync); a control plane that is thrown away need
 *     not
 * @param extraFlags added to the rendered ones, or in place of one of the same name
 * @param progress told each step
 */
public record ControlPlaneOptions(
    Path directory,
    OptionalInt port,
    Set<Component> components,
    boolean durable,
    Map<Component, List<String>> extraFlags,
    Consumer<String> progress) {

  /** Null-checks and copies. */
  public ControlPlaneOptions {
    directory = directory.toAbsolutePath().normalize();
    Objects.requireNonNull(port);
    components = Set.copyOf(components);
    extraFlags = Map.copyOf(extraFlags);
    Objects.requireNonNull(progress);
  }

  /** A disposable one: etcd without fsync, no scheduler. */
  public static ControlPlaneOptions disposable(Path directory) {
    return new ControlPlaneOptions(
        directory,
        OptionalInt.empty(),
        Set.of(Component.CONTROLLER_MANAGER),
        false,
        Map.of(),
        step -> {});
  }

  /** The same with other components. */
  public ControlPlaneOptions withComponents(Set<Component> newComponents) {
    return new ControlPlaneOptions(directory, port, newComponents, durable, extraFlags, progress);
  }

  /** The same with more flags for a component. */
  public ControlPlaneOptions withFlags(Component component, String... flags) {
    Map<Component, List<String>> merged = new EnumMap<>(Component.class);
    merged.putAll(extraFlags);
    merged.put(component, List.of(flags));
    return new ControlPlaneOptions(directory, port, components, durable, merged, progress);
  }

  /** The same, told elsewhere how it goes. */
  public ControlPlaneOptions withProgress(Consumer<String> newProgress) {
    return new ControlPlaneOptions(directory, port, components, durable, extraFlags, newProgress);
  }
}
