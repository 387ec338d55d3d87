package dev.countersign.cli;

import dev.countersign.cli.cluster.LiveNames;
import dev.countersign.cli.completion.Completions;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.NoCommand;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.command.Version;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root command, and the process's entry. */
@Command(
    name = "countersign",
    description = "Owns a kubelet's identity: bootstrap, serving certificates, image, tokens.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  countersign demo          the whole story on a real control plane"
    })
public final class Countersign implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack of an error, and more detail.")
  private boolean verbose;

  private Countersign() {}

  /** Runs the command line and ends the process with its {@link ExitStatus}. */
  public static void main(String[] arguments) {
    Console console = Console.ofProcess(System.getenv(), System.getProperties());
    int status = run(console, arguments);
    console.err().flush();
    System.exit(status);
  }

  /**
   * Runs the command line in this process and returns its exit status: never {@link ExitStatus#OK}
   * where its results were lost.
   */
  public static int run(Console console, String... arguments) {
    int status = dispatch(console, arguments);
    Optional<String> lost = console.takeLostOutput();
    if (lost.isEmpty()) {
      return status;
    }
    Failures.tell(
        console,
        "standard output: got "
            + lost.get()
            + ", so that what was to be printed is not all there; want a place that takes it; make"
            + " room, or write it elsewhere, and run this again");
    return status == ExitStatus.OK.code() ? ExitStatus.INTERNAL.code() : status;
  }

  private static int dispatch(Console console, String... arguments) {
    if (arguments.length == 1 && (arguments[0].equals("--version") || arguments[0].equals("-V"))) {
      for (String line : Version.lines()) {
        console.out().println(line);
      }
      return ExitStatus.OK.code();
    }
    if (arguments.length > 0 && arguments[0].equals(Completions.WORD)) {
      List<String> words = List.of(arguments).subList(1, arguments.length);
      Completions.of(complete(console), LiveNames::of, words).forEach(console.out()::println);
      return ExitStatus.OK.code();
    }
    String[] words = FormerOptions.replace(console, arguments);
    return commandLine(console, words).execute(words);
  }

  /** The command line with every command. */
  public static CommandLine complete(Console console) {
    return commandLine(console);
  }

  /** The command line, wired to a console, with the commands that these arguments need. */
  static CommandLine commandLine(Console console, String... arguments) {
    Countersign root = new Countersign();
    CommandLine commandLine = new CommandLine(root, new ConsoleFactory(console));
    Commands.neededFor(arguments).forEach(commandLine::addSubcommand);
    UnbrokenHelp.of(commandLine);
    tellVersion(commandLine.getCommandSpec());
    commandLine.setOut(console.out());
    commandLine.setErr(console.err());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpAutoWidth(false);
    commandLine.setUsageHelpWidth(console.columns());
    commandLine.setColorScheme(
        CommandLine.Help.defaultColorScheme(
            console.outTerminal() && console.colour()
                ? CommandLine.Help.Ansi.ON
                : CommandLine.Help.Ansi.OFF));
    commandLine.setParameterExceptionHandler(new UsageErrorHandler(console));
    commandLine.setExecutionExceptionHandler(
        (exception, command, parsed) -> Failures.report(console, exception, root.verbose));
    return commandLine;
  }

  /** Every command has the option {@code --version}. */
  private static void tellVersion(CommandSpec command) {
    command.version(Version.lines());
    command.subcommands().values().forEach(each -> tellVersion(each.getCommandSpec()));
  }

  @Override
  public void run() {
    throw new NoCommand(spec.commandLine(), Commands.names());
  }
}
