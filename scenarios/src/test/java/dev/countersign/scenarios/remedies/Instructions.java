package dev.countersign.scenarios.remedies;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands and fields in the pages that tell operators what to do. */
final class Instructions {
  private static final Path DOCS = Path.of("../docs");
  private static final Path RUNBOOK = DOCS.resolve("operations/runbook.md");
  private static final Path REASONS = DOCS.resolve("reference/reasons.md");

  private static final String REMEDY = "- **What to do:** ";

  /** The runbook's alias. */
  private static final String ALIAS = "a ";

  private static final String ALIASED = "kubectl -n countersign-system ";

  /**
   * A command in prose: words of commands, options with their values, and placeholders such as
   * NAME. What follows them is prose again.
   */
  private static final Pattern IN_PROSE =
      Pattern.compile(
          "\\b(?:countersign|kubectl)(?:"
              + " (?:(?!(?:says|whether|with|is|or|and|then)\\b)[a-z]+(?:-[a-z]+)*|--?[a-z-]+(?:"
              + " (?:[A-Z][A-Z=]*|\\\\?<\\w+>|[a-z]+:[a-z]+))?|[A-Z][A-Z=]+))+");

  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Pattern FIELD =
      Pattern.compile("[a-z][A-Za-z0-9]*(?:\\.[a-z][A-Za-z0-9]*)+(?:: .*)?");

  private Instructions() {}

  /** Each command once, as it is printed but for the runbook's alias. */
  static SequencedSet<String> commands() throws IOException {
    SequencedSet<String> commands = new LinkedHashSet<>();
    for (String remedy : remedies()) {
      Matcher command = IN_PROSE.matcher(remedy);
      while (command.find()) {
        commands.add(command.group().replace("\\", ""));
      }
    }
    for (String code : codes()) {
      String whole = code.startsWith(ALIAS) ? ALIASED + code.substring(ALIAS.length()) : code;
      if (whole.startsWith("countersign ") || whole.matches("kubectl \\S+ .*")) {
        commands.add(whole);
      }
    }
    return commands;
  }

  /** Fields in the runbook's code: of a policy, or of the chart's values. */
  static List<String> fields() throws IOException {
    return codes().stream().filter(code -> FIELD.matcher(code).matches()).toList();
  }

  private static List<String> remedies() throws IOException {
    return Files.readAllLines(REASONS).stream()
        .filter(line -> line.startsWith(REMEDY))
        .map(line -> line.substring(REMEDY.length()))
        .toList();
  }

  /** Code in the runbook: each span, and each command of a block. */
  private static List<String> codes() throws IOException {
    List<String> codes = new ArrayList<>();
    boolean block = false;
    StringBuilder prose = new StringBuilder();
    for (String line : Files.readAllLines(RUNBOOK)) {
      if (line.startsWith("```")) {
        block = !block;
      } else if (block) {
        for (String command : line.replaceFirst("\\s+#.*", "").split(";", -1)) {
          codes.add(command.strip());
        }
      } else {
        prose.append(line.strip()).append(' ');
      }
    }
    Matcher span = CODE.matcher(prose);
    while (span.find()) {
      codes.add(span.group(1));
    }
    return codes;
  }
}
