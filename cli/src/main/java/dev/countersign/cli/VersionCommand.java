package dev.countersign.cli;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.command.Version;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code version}. */
@Command(
    name = "version",
    description = "Print the version, as --version does, also for scripts.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  countersign version -o json"})
final class VersionCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private FormatOption format = new FormatOption();

  VersionCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    if (format.isTable()) {
      for (String line : Version.lines()) {
        console.out().println(line);
      }
      return ExitStatus.OK.code();
    }
    Map<String, Object> document = Document.ofKind("Version");
    document.put("version", Version.text());
    document.put("javaVersion", Runtime.version().toString());
    document.put("platform", System.getProperty("os.name") + "/" + System.getProperty("os.arch"));
    Document.print(console, format.format(), document);
    return ExitStatus.OK.code();
  }
}
