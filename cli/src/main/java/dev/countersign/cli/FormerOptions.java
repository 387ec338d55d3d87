package dev.countersign.cli;

import dev.countersign.cli.terminal.Console;
import java.util.List;
import java.util.Map;

/**
 * Options by the names that they had one release ago. They keep working until the next release,
 * with a warning.
 */
final class FormerOptions {
  /** By the command group that has the option. */
  private static final Map<String, Map<String, String>> NAMES =
      Map.of("csr", Map.of("--why", "--reason"));

  private FormerOptions() {}

  /** Returns the arguments with the names of today. */
  static String[] replace(Console console, String... arguments) {
    String[] replaced = arguments.clone();
    List<String> words = List.of(arguments);
    int end = words.contains("--") ? words.indexOf("--") : words.size();
    NAMES.forEach(
        (group, names) -> {
          if (words.contains(group)) {
            names.forEach((former, name) -> replace(console, replaced, end, former, name));
          }
        });
    return replaced;
  }

  private static void replace(
      Console console, String[] arguments, int end, String former, String name) {
    for (int i = 0; i < end; i++) {
      if (arguments[i].equals(former) || arguments[i].startsWith(former + "=")) {
        arguments[i] = name + arguments[i].substring(former.length());
        console.err().println("warning: " + former + " is deprecated; use " + name);
      }
    }
  }
}
