package dev.countersign.testbed.machine;

import dev.countersign.testbed.ControlPlaneFailure;
import dev.countersign.testbed.process.Supervisor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Removes what a machine's namespaces don't take with them: its control groups, with all that still
 * runs in them, and its directory. One script for every end, so that the rare ones do what the
 * usual one does.
 *
 * @param script the text of {@code leave-nothing}
 */
public record HostCleanup(String script) {
  public static HostCleanup load() throws IOException {
    try (InputStream resource = HostCleanup.class.getResourceAsStream("leave-nothing")) {
      return new HostCleanup(
          new String(
              Objects.requireNonNull(resource, "leave-nothing").readAllBytes(),
              StandardCharsets.UTF_8));
    }
  }

  /** Removes the groups and waits. */
  public void remove(List<Path> groups)
      throws IOException, ControlPlaneFailure, InterruptedException {
    new HostCommand(command("", groups), Map.of()).require();
  }

  /** Removes the groups, then the directory, and waits. */
  public void remove(Path directory, List<Path> groups)
      throws IOException, ControlPlaneFailure, InterruptedException {
    new HostCommand(command(directory.toString(), groups), Map.of()).require();
  }

  /**
   * Has groups and a directory removed when the owner of the supervisor is gone, however it went.
   */
  public void removeAtEnd(Supervisor supervisor, Path directory, List<Path> groups)
      throws ControlPlaneFailure {
    // In a session of its own: at the end of everything the supervisor gives a command 5 s.
    List<String> words = new ArrayList<>(List.of("setsid", "--fork"));
    words.addAll(
        List.of("sh", "-c", "exec \"$@\" </dev/null >/dev/null 2>&1", "leave-nothing-detached"));
    words.addAll(command(directory.toString(), groups));
    supervisor.atEnd(words);
  }

  private List<String> command(String directory, List<Path> groups) {
    List<String> words = new ArrayList<>(List.of("sh", "-c", script, "leave-nothing", directory));
    groups.forEach(group -> words.add(group.toString()));
    return words;
  }
}
