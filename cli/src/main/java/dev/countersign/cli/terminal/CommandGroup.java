package dev.countersign.cli.terminal;

import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that only holds others, and says which where it is called without one. */
public abstract class CommandGroup implements Runnable {
  @Spec private CommandSpec spec;

  /** For the groups. */
  protected CommandGroup() {}

  @Override
  public void run() {
    // Aliases are keys as well; their names are not.
    String names =
        spec.subcommands().values().stream()
            .map(CommandLine::getCommandName)
            .distinct()
            .collect(Collectors.joining(", "));
    throw new CommandLine.ParameterException(
        spec.commandLine(), "got no command; want one of: " + names);
  }
}
