package dev.countersign.cli;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.NoCommand;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.Suggestion;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What is told of a command line that cannot be understood: one paragraph and where the help is, as
 * kubectl does it. The whole help would push the error off the screen; only a group of commands,
 * called by its bare name, shows it.
 */
final class UsageErrorHandler implements IParameterExceptionHandler {
  private final Console console;

  UsageErrorHandler(Console console) {
    this.console = console;
  }

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    if (e instanceof NoCommand) {
      console.err().println(e.getMessage());
      command.usage(console.err(), command.getColorScheme());
    } else {
      Failures.tell(console, text(e, command, List.of(arguments)));
      console.err().println("See " + command.getCommandSpec().qualifiedName() + " --help");
    }
    return ExitStatus.USAGE.code();
  }

  private static String text(ParameterException e, CommandLine command, List<String> arguments) {
    List<String> unmatched = command.getUnmatchedArguments();
    return switch (e) {
      case UnmatchedArgumentException unknown -> unknown(unknown, command);
      // A word that is not understood may be the one that is missed, so it is told first.
      case MissingParameterException _ when !unmatched.isEmpty() ->
          unknown(new UnmatchedArgumentException(command, unmatched), command);
      case MissingParameterException missing -> missing(missing.getMissing(), arguments);
      default -> String.valueOf(e.getMessage());
    };
  }

  private static String unknown(UnmatchedArgumentException e, CommandLine command) {
    String got = e.getUnmatched().getFirst();
    String name = command.getCommandSpec().qualifiedName();
    if (e.isUnknownOption()) {
      Set<String> options = new LinkedHashSet<>(command.getCommandSpec().optionsMap().keySet());
      options.removeIf(option -> !option.startsWith("--"));
      String option = got.replaceFirst("=.*", "");
      return "got " + option + "; want an option of " + name + suggestion(option, options);
    }
    Set<String> names = commands(command);
    return names.isEmpty()
        ? "got " + got + "; want no more arguments of " + name
        : "got " + got + "; want one of: " + String.join(", ", names) + suggestion(got, names);
  }

  private static String suggestion(String word, Set<String> known) {
    return Suggestion.nearest(word, known)
        .map(meant -> "; did you mean \"" + meant + "\"?")
        .orElse("");
  }

  private static String missing(List<ArgSpec> missing, List<String> arguments) {
    for (ArgSpec each : missing) {
      if (each instanceof OptionSpec option
          && List.of(option.names()).stream().anyMatch(arguments::contains)) {
        return option.longestName() + ": got no value; want " + each.paramLabel();
      }
    }
    return "got no "
        + missing.stream()
            .map(
                each ->
                    each instanceof OptionSpec option ? option.longestName() : each.paramLabel())
            .distinct()
            .collect(Collectors.joining(" and no "))
        + "; want "
        + missing.stream()
            .map(
                each ->
                    each instanceof OptionSpec option
                        ? option.longestName() + "=" + each.paramLabel()
                        : each.paramLabel())
            .distinct()
            .collect(Collectors.joining(" and "));
  }

  /** The names of a command's commands, without aliases. */
  static Set<String> commands(CommandLine command) {
    Set<String> names = new LinkedHashSet<>();
    for (CommandLine each : command.getSubcommands().values()) {
      CommandSpec spec = each.getCommandSpec();
      if (!spec.usageMessage().hidden()) {
        names.add(spec.name());
      }
    }
    return names;
  }
}
