package dev.countersign.cli.completion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;

/**
 * Answers what could stand in the place of the last word, in the protocol by which kubectl asks
 * {@code kubectl_complete-PLUGIN} (spf13/cobra): one candidate a line, then a line with a colon and
 * a bit set of directives.
 */
public final class Completions {
  /** The word that asks for it, as the first of the command line. */
  public static final String WORD = "__complete";

  /** Do not offer file names instead (cobra's ShellCompDirectiveNoFileComp). */
  private static final String NO_FILES = ":4";

  private static final String FILES = ":0";

  private Completions() {}

  /**
   * The lines to print.
   *
   * @param commandLine with every command
   * @param words what was typed; the last one, possibly empty, is to be completed
   */
  public static List<String> of(CommandLine commandLine, List<String> words) {
    String[] typed = words.isEmpty() ? new String[] {""} : words.toArray(String[]::new);
    int last = typed.length - 1;
    String prefix = typed[last];
    List<CharSequence> endings = new ArrayList<>();
    AutoComplete.complete(
        commandLine.getCommandSpec(), typed, last, prefix.length(), prefix.length(), endings);
    List<String> lines = new ArrayList<>();
    endings.stream()
        .map(ending -> prefix + ending)
        .filter(candidate -> prefix.startsWith("-") || !candidate.startsWith("-"))
        .distinct()
        .sorted()
        .forEach(lines::add);
    lines.add(lines.isEmpty() && takesFile(typed) ? FILES : NO_FILES);
    return lines;
  }

  /** Whether the word before is an option whose value is a file. */
  private static boolean takesFile(String[] typed) {
    return typed.length > 1
        && Arrays.asList("--kubeconfig", "--policy", "--facts", "--file", "-f", "--ca", "--spec")
            .contains(typed[typed.length - 2]);
  }
}
