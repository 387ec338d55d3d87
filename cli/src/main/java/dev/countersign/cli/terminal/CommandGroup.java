package dev.countersign.cli.terminal;

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
    throw new NoCommand(
        spec.commandLine(),
        spec.subcommands().values().stream().map(CommandLine::getCommandName).distinct().toList());
  }
}
