package dev.countersign.cli.completion;

import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.cluster.RequestTimeout;
import dev.countersign.cluster.connect.ClusterAccess;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

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
   * @param names looks up the names there are, in the cluster that the words before say
   * @param words what was typed; the last one, possibly empty, is to be completed
   */
  public static List<String> of(
      CommandLine commandLine,
      BiFunction<CompletionKind, ClusterAccess.Options, List<String>> names,
      List<String> words) {
    String[] typed = separated(words);
    int last = typed.length - 1;
    Typed before = Typed.read(commandLine.getCommandSpec(), Arrays.asList(typed).subList(0, last));
    String prefix = typed[last];
    int equals = prefix.startsWith("--") ? prefix.indexOf('=') : -1;
    String option = equals < 0 ? "" : prefix.substring(0, equals + 1);
    Optional<CompletionKind> wanted =
        equals < 0 ? before.wanted(prefix) : before.valueOf(prefix.substring(0, equals));
    if (wanted.isPresent()) {
      String start = prefix.substring(option.length());
      List<String> lines = new ArrayList<>();
      names.apply(wanted.get(), before.connection()).stream()
          .filter(name -> name.startsWith(start) && wanted.get().isPlain(name))
          .filter(name -> before.open.isPresent() || !before.parameters.contains(name))
          .map(name -> option + name)
          .distinct()
          .sorted()
          .forEach(lines::add);
      lines.add(NO_FILES);
      return lines;
    }
    return fixed(commandLine, typed, before.takesFile());
  }

  private static List<String> fixed(CommandLine commandLine, String[] typed, boolean takesFile) {
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
    lines.add(lines.isEmpty() && takesFile ? FILES : NO_FILES);
    return lines;
  }

  /** bash makes a word of the equals sign in {@code --context=x}. */
  private static String[] separated(List<String> words) {
    List<String> separated = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      boolean sign = words.get(i).equals("=") && i > 0 && words.get(i - 1).startsWith("--");
      if (!sign) {
        separated.add(words.get(i));
      } else if (i == words.size() - 1) {
        separated.add("");
      }
    }
    return separated.isEmpty() ? new String[] {""} : separated.toArray(String[]::new);
  }

  /** What the words before the last one say. */
  private static final class Typed {
    private CommandSpec command;
    private Optional<OptionSpec> open = Optional.empty();
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Set<String> parameters = new HashSet<>();
    private int parameterCount;

    private Typed(CommandSpec command) {
      this.command = command;
    }

    static Typed read(CommandSpec root, List<String> words) {
      Typed typed = new Typed(root);
      words.forEach(typed::take);
      return typed;
    }

    private void take(String word) {
      int equals = word.indexOf('=');
      CommandLine subcommand = command.subcommands().get(word);
      if (open.isPresent()) {
        values.put(open.get().longestName(), word);
        open = Optional.empty();
      } else if (word.startsWith("--") && equals > 0) {
        option(word.substring(0, equals))
            .ifPresent(found -> values.put(found.longestName(), word.substring(equals + 1)));
      } else if (word.startsWith("-")) {
        open = option(word).filter(found -> found.arity().max() > 0);
      } else if (subcommand != null && parameterCount == 0) {
        command = subcommand.getCommandSpec();
      } else {
        parameters.add(word);
        parameterCount++;
      }
    }

    private Optional<OptionSpec> option(String name) {
      return Optional.ofNullable(command.findOption(name));
    }

    Optional<CompletionKind> wanted(String prefix) {
      if (open.isPresent()) {
        return mark(open.get());
      }
      if (prefix.startsWith("-")) {
        return Optional.empty();
      }
      return command.positionalParameters().stream()
          .filter(parameter -> parameter.index().contains(parameterCount))
          .findFirst()
          .flatMap(Typed::mark);
    }

    /** Whether a file may stand in the next place. */
    boolean takesFile() {
      return open.<ArgSpec>map(option -> option)
          .or(
              () ->
                  command.positionalParameters().stream()
                      .filter(parameter -> parameter.index().contains(parameterCount))
                      .map(ArgSpec.class::cast)
                      .findFirst())
          .filter(argument -> List.of(argument.auxiliaryTypes()).contains(Path.class))
          .isPresent();
    }

    Optional<CompletionKind> valueOf(String name) {
      return option(name).flatMap(Typed::mark);
    }

    private static Optional<CompletionKind> mark(ArgSpec argument) {
      return argument.userObject() instanceof AnnotatedElement element
          ? Optional.ofNullable(element.getAnnotation(CompletedBy.class)).map(CompletedBy::value)
          : Optional.empty();
    }

    ClusterAccess.Options connection() {
      return new ClusterAccess.Options(
          Optional.ofNullable(values.get("--kubeconfig")).map(Path::of),
          Optional.ofNullable(values.get("--context")),
          Optional.ofNullable(values.get("--namespace")),
          timeout());
    }

    private Optional<Duration> timeout() {
      try {
        return Optional.ofNullable(values.get("--request-timeout"))
            .map(text -> new RequestTimeout().convert(text));
      } catch (CommandLine.TypeConversionException e) {
        // the command will say so; here nobody reads it
        return Optional.empty();
      }
    }
  }
}
