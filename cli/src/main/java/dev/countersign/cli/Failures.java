package dev.countersign.cli;

import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Console.Style;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.text.SafeText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Turns what a command threw into one paragraph and an exit status. */
final class Failures {
  private Failures() {}

  /**
   * A checked exception comes from the environment and its message is written for the user. An
   * unchecked one is a mistake of ours and says so.
   */
  static int report(Console console, Exception exception, boolean verbose) {
    ExitStatus status =
        exception instanceof CliException failure ? failure.status() : ExitStatus.INTERNAL;
    String text =
        exception instanceof RuntimeException
            ? "internal error: %s; this is a defect of countersign: run again with --verbose and report what it prints"
                .formatted(exception)
            : words(exception);
    tell(console, text);
    if (verbose) {
      StringWriter stack = new StringWriter();
      exception.printStackTrace(new PrintWriter(stack));
      console.err().print(SafeText.lines(TokenText.redacted(stack.toString())));
      console.err().flush();
    }
    return status.code();
  }

  /** One paragraph on standard error, without the secret of a token that got into it. */
  static void tell(Console console, String text) {
    console
        .err()
        .println(
            console.errStyled(Style.BAD, "error: ") + SafeText.lines(TokenText.redacted(text)));
  }

  private static String words(Exception exception) {
    return switch (exception) {
      case InterruptedException e -> "interrupted; what was started is ended";
      case NoSuchFileException e ->
          e.getFile() + ": got nothing there; want it to exist, and the directory it is to be in";
      case AccessDeniedException e ->
          e.getFile()
              + ": got no permission; want a file or directory of this user's own: fix its mode,"
              + " or choose another";
      case FileSystemException e ->
          "%s: got %s; want a path that this user can read and write on a disk with room"
              .formatted(
                  e.getFile(),
                  e.getReason() == null ? e.getClass().getSimpleName() : e.getReason());
      default ->
          exception.getMessage() == null
              ? "got %s; run again with --verbose to see where"
                  .formatted(exception.getClass().getSimpleName())
              : exception.getMessage();
    };
  }
}
