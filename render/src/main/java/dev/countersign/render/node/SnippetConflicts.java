package dev.countersign.render.node;

import dev.countersign.common.ParseError;
import dev.countersign.common.text.SafeText;
import dev.countersign.render.node.Unit.DropIn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Finds where a snippet would replace what countersign writes. A snippet may add, also drop-ins to
 * units of ours; it replaces only {@link NodeFiles#SETTINGS}, and only by {@code overwrite: true}.
 */
final class SnippetConflicts {
  private static final String UNITS = "/etc/systemd/system/";

  private final String file;
  private final NodeConfig machine;
  private final Set<String> written;
  private final List<ParseError> conflicts = new ArrayList<>();

  private SnippetConflicts(String file, NodeConfig machine) {
    this.file = file;
    this.machine = machine;
    this.written = written(machine);
  }

  /**
   * Finds them.
   *
   * @param file of the snippet, for errors
   */
  static List<ParseError> between(String file, NodeConfig snippet, NodeConfig machine) {
    SnippetConflicts found = new SnippetConflicts(file, machine);
    for (int i = 0; i < snippet.units().size(); i++) {
      found.unit("systemd.units[" + i + "]", snippet.units().get(i));
    }
    for (int i = 0; i < snippet.directories().size(); i++) {
      found.directory("storage.directories[" + i + "]", snippet.directories().get(i));
    }
    for (int i = 0; i < snippet.files().size(); i++) {
      found.file("storage.files[" + i + "]", snippet.files().get(i));
    }
    for (int i = 0; i < snippet.links().size(); i++) {
      found.path("storage.links[" + i + "].path", snippet.links().get(i).path());
    }
    return found.conflicts;
  }

  /** The paths of all files that Ignition writes for the machine, those of its units included. */
  private static Set<String> written(NodeConfig machine) {
    Set<String> paths = new HashSet<>();
    machine.files().forEach(each -> paths.add(each.path()));
    for (Unit unit : machine.units()) {
      paths.add(UNITS + unit.name());
      unit.dropIns().forEach(each -> paths.add(UNITS + unit.name() + ".d/" + each.name()));
    }
    return paths;
  }

  private void unit(String path, Unit unit) {
    Optional<Unit> same =
        machine.units().stream().filter(each -> each.name().equals(unit.name())).findFirst();
    if (same.isEmpty()) {
      return;
    }
    Unit ours = same.get();
    if (ours.contents().isPresent() && unit.contents().isPresent()) {
      conflict(
          path + ".contents",
          "those of " + unit.name() + ", which countersign writes",
          "none",
          "change the unit by a drop-in");
    }
    differs(path + ".enabled", unit.name(), unit.enabled(), ours.enabled());
    differs(path + ".mask", unit.name(), unit.mask(), ours.mask());
    for (int i = 0; i < unit.dropIns().size(); i++) {
      DropIn dropIn = unit.dropIns().get(i);
      if (ours.dropIns().stream().anyMatch(each -> each.name().equals(dropIn.name()))) {
        conflict(
            path + ".dropins[" + i + "].name",
            SafeText.quote(dropIn.name())
                + ", a drop-in of "
                + unit.name()
                + " that countersign writes",
            "another name",
            "systemd applies drop-ins in the order of their names");
      }
    }
  }

  private void differs(
      String path, String unit, Optional<Boolean> snippet, Optional<Boolean> ours) {
    if (snippet.isPresent() && !snippet.get().equals(ours.orElse(false))) {
      conflict(
          path,
          snippet.get() + " for " + unit,
          ours.orElse(false) + ", as countersign has it",
          "leave it out");
    }
  }

  private void directory(String path, NodeDirectory directory) {
    path(path + ".path", directory.path(), written.contains(directory.path()));
    for (NodeDirectory ours : machine.directories()) {
      if (ours.path().equals(directory.path()) && !directory.over(ours).equals(ours)) {
        conflict(
            path,
            "another mode or owner of " + ours.path() + ", which countersign writes",
            "the directory as it is",
            "leave it out");
      }
    }
  }

  private void file(String path, NodeFile snippet) {
    boolean setting =
        NodeFiles.SETTINGS.contains(snippet.path()) && written.contains(snippet.path());
    if (!setting) {
      path(path + ".path", snippet.path());
    } else if (!snippet.overwrite().orElse(false)) {
      conflict(
          path + ".path",
          SafeText.quote(snippet.path()) + ", which countersign writes",
          "another path",
          "overwrite: true replaces it");
    }
  }

  /** A file or a link at or above what is written would replace it. */
  private void path(String path, String text) {
    boolean above =
        written.stream().anyMatch(each -> each.startsWith(text + "/"))
            || machine.directories().stream()
                .map(NodeDirectory::path)
                .anyMatch(each -> each.equals(text) || each.startsWith(text + "/"));
    path(path, text, above || written.contains(text));
  }

  private void path(String path, String text, boolean taken) {
    if (taken) {
      conflicts.add(
          error(path, SafeText.quote(text) + ", which countersign writes", "another path"));
    }
  }

  private void conflict(String path, String got, String want, String next) {
    conflicts.add(error(path, got, want).then(next));
  }

  private ParseError error(String path, String got, String want) {
    return new ParseError(file + ": " + path, OptionalInt.empty(), got, want, Optional.empty());
  }
}
