package dev.countersign.cli;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Console.Style;

/** Turns what a command threw into one paragraph and an exit status. */
final class Failures {
  private Failures() {}

  /**
   * A checked exception comes from the environment and its message is written for the user. An
   * unchecked one is a mistake of ours and says so.
   */
  static int report(Console console, Exception exception, boolean verbose) {
    ExitStatus status =
        exception instanceof CommandFailure failure ? failure.status() : ExitStatus.INTERNAL;
    String text =
        exception instanceof RuntimeException
            ? "internal error: %s; this is a defect of countersign: run again with --verbose and report what it prints"
                .formatted(exception)
            : String.valueOf(exception.getMessage());
    console.err().println(console.errStyled(Style.BAD, "error: ") + Console.printable(text));
    if (verbose) {
      exception.printStackTrace(console.err());
    }
    return status.code();
  }
}
