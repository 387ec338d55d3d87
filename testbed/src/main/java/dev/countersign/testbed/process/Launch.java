package dev.countersign.testbed.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A process to start.
 *
 * @param name by which it is known to its supervisor
 * @param command the program and its arguments
 * @param environment added to that of this JVM
 * @param directory it runs in
 * @param log gets what it prints, appended, mode 0600
 */
public record Launch(
    String name, List<String> command, Map<String, String> environment, Path directory, Path log) {
  /** Null-checks and copies. */
  public Launch {
    Objects.requireNonNull(name);
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    Objects.requireNonNull(directory);
    Objects.requireNonNull(log);
  }

  /** Shown without the environment, which may hold secrets. */
  @Override
  public String toString() {
    return "Launch[" + name + "]";
  }
}
