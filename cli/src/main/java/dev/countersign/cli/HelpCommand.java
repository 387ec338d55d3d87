package dev.countersign.cli;

import dev.countersign.cli.terminal.Console;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code help}: of any command, however deep; picocli's own knows the uppermost only. */
@Command(
    name = "help",
    description = "Show the help of a command.",
    mixinStandardHelpOptions = true,
    helpCommand = true,
    footer = {"", "Example:", "  countersign help csr explain"})
final class HelpCommand implements Runnable {
  private final Console console;

  @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "The command's words.")
  private List<String> words = new ArrayList<>();

  @Spec private CommandSpec spec = CommandSpec.create();

  HelpCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    CommandLine command = spec.commandLine().getParent();
    for (String word : words) {
      CommandLine next = command.getSubcommands().get(word);
      if (next == null) {
        throw new ParameterException(
            spec.commandLine(),
            "help: got \""
                + word
                + "\", which is no command of "
                + command.getCommandSpec().qualifiedName()
                + "; want "
                + (command.getSubcommands().isEmpty()
                    ? "nothing more"
                    : "one of: " + String.join(", ", UsageErrorHandler.commands(command))));
      }
      command = next;
    }
    command.usage(console.out(), command.getColorScheme());
    console.out().flush();
  }
}
