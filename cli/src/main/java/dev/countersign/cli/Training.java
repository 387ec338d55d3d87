package dev.countersign.cli;

import dev.countersign.cli.terminal.Console;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;

/**
 * What the launcher runs once, after a build, to record the classes that a start needs (JEP 514).
 * Only commands without effect on the machine are in it.
 */
public final class Training {
  private Training() {}

  /** Runs each command of the training with its output thrown away. */
  public static void main(String[] arguments) {
    Console console =
        Console.plain(
            new PrintWriter(Writer.nullWriter()), new PrintWriter(Writer.nullWriter(), true));
    for (List<String> command :
        List.of(List.of("--version"), List.of("--help"), List.of("no-such-command"))) {
      int status = Countersign.run(console, command.toArray(String[]::new));
      System.out.println(command + " " + status);
    }
  }
}
