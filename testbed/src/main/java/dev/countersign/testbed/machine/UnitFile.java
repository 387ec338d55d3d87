package dev.countersign.testbed.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The part of a systemd service that says what runs: {@code Environment=} and the {@code Exec*=}
 * lines of the section {@code [Service]}, with drop-ins applied (systemd.service(5),
 * systemd.syntax(7)).
 *
 * @param type how long its {@code ExecStart} runs
 * @param environment the variables set by {@code Environment=}
 * @param commands the commands of each {@code Exec*=} directive, in order
 */
public record UnitFile(
    Type type, Map<String, String> environment, Map<String, List<Command>> commands) {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

  /** What {@code Type=} says of a service; all but one mean that it goes on running. */
  public enum Type {
    /** {@code oneshot}: it is started once its commands have ended. */
    ONE_SHOT,
    /** Any other. */
    RUNNING
  }

  /**
   * One command line.
   *
   * @param words program and arguments, variables not yet replaced
   * @param mayFail whether the line began with {@code -}
   */
  public record Command(List<String> words, boolean mayFail) {
    /** Copies. */
    public Command {
      words = List.copyOf(words);
    }

    /** The words with {@code ${NAME}} replaced; a name that is not set becomes nothing. */
    public List<String> with(Map<String, String> environment) {
      return words.stream()
          .map(
              word ->
                  VARIABLE
                      .matcher(word)
                      .replaceAll(
                          match ->
                              Matcher.quoteReplacement(
                                  environment.getOrDefault(match.group(1), ""))))
          .toList();
    }
  }

  /** Copies. */
  public UnitFile {
    environment = Map.copyOf(environment);
    commands = Map.copyOf(commands);
  }

  /**
   * Reads a unit and its drop-ins, in the order in which systemd would.
   *
   * @throws IllegalArgumentException with the line where a quote has no end or a line no {@code =}
   */
  public static UnitFile parse(String text, List<String> dropIns) {
    Map<String, String> environment = new LinkedHashMap<>();
    Map<String, List<Command>> commands = new LinkedHashMap<>();
    Type type = Type.RUNNING;
    for (String each : Stream.concat(Stream.of(text), dropIns.stream()).toList()) {
      type = read(each, type, environment, commands);
    }
    return new UnitFile(type, environment, commands);
  }

  /** The commands of a directive such as {@code ExecStart}; empty where there is none. */
  public List<Command> commands(String directive) {
    return Objects.requireNonNullElse(commands.get(directive), List.of());
  }

  /** Reads one file; the type that is then in force. */
  private static Type read(
      String text,
      Type before,
      Map<String, String> environment,
      Map<String, List<Command>> commands) {
    Type type = before;
    String section = "";
    for (String line : joined(text)) {
      if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
        continue;
      }
      if (line.startsWith("[") && line.endsWith("]")) {
        section = line.substring(1, line.length() - 1);
        continue;
      }
      int equals = line.indexOf('=');
      if (equals <= 0) {
        throw new IllegalArgumentException("unit: got the line " + line + "; want NAME=VALUE");
      }
      if (!section.equals("Service")) {
        continue;
      }
      String name = line.substring(0, equals).strip();
      String value = line.substring(equals + 1).strip();
      if (name.equals("Type")) {
        type = value.equals("oneshot") ? Type.ONE_SHOT : Type.RUNNING;
      } else if (name.equals("Environment")) {
        for (String word : words(value)) {
          int at = word.indexOf('=');
          if (at > 0) {
            environment.put(word.substring(0, at), word.substring(at + 1));
          }
        }
      } else if (name.startsWith("Exec")) {
        List<Command> list = commands.computeIfAbsent(name, _ -> new ArrayList<>());
        if (value.isEmpty()) {
          list.clear();
        } else {
          boolean mayFail = value.startsWith("-");
          list.add(new Command(words(mayFail ? value.substring(1) : value), mayFail));
        }
      }
    }
    return type;
  }

  /** The lines, each with those that its last backslash continues it with. */
  private static List<String> joined(String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String raw : text.split("\n", -1)) {
      String stripped = raw.strip();
      if (stripped.endsWith("\\")) {
        line.append(stripped, 0, stripped.length() - 1).append(' ');
      } else {
        lines.add(line.append(stripped).toString().strip());
        line.setLength(0);
      }
    }
    if (!line.isEmpty()) {
      lines.add(line.toString().strip());
    }
    return lines;
  }

  private static List<String> words(String value) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean open = false;
    char quote = 0;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        open = true;
      } else if (Character.isWhitespace(c)) {
        if (open || !word.isEmpty()) {
          words.add(word.toString());
        }
        word.setLength(0);
        open = false;
      } else {
        word.append(c);
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException("unit: got " + value + "; want the quote to end");
    }
    if (open || !word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }
}
