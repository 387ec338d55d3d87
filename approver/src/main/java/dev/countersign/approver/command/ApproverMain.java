package dev.countersign.approver.command;

import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.command.Version;
import dev.countersign.common.text.SafeText;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;

/**
 * The approver as a program of its own, which is what its image runs. {@code countersign approver}
 * takes the same flags and does the same.
 */
public final class ApproverMain {
  /** The command's name in {@code countersign}; the manifests of some users begin with it. */
  private static final String COMMAND = "approver";

  private ApproverMain() {}

  /** Runs until SIGTERM or SIGINT and ends the process with its {@link ExitStatus}. */
  public static void main(String[] arguments) {
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int status = run(err, arguments);
    err.flush();
    System.exit(status);
  }

  /** Runs in this process and returns the exit status. */
  static int run(PrintWriter err, String... arguments) {
    List<String> words = List.of(arguments);
    boolean named = !words.isEmpty() && words.getFirst().equals(COMMAND);
    CommandLine approver = new CommandLine(new ApproverCommand(err));
    approver.getCommandSpec().version(Version.lines());
    return approver
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(
            (wrong, _) -> {
              tell(err, String.valueOf(wrong.getMessage()));
              err.println("See approver --help");
              return ExitStatus.USAGE.code();
            })
        .setExecutionExceptionHandler((failure, _, _) -> report(err, failure))
        .execute(words.subList(named ? 1 : 0, words.size()).toArray(String[]::new));
  }

  private static int report(PrintWriter err, Exception exception) {
    if (exception instanceof CliException failure) {
      tell(err, String.valueOf(failure.getMessage()));
      return failure.status().code();
    }
    tell(err, "internal error: " + exception + "; this is a defect of countersign: report it");
    exception.printStackTrace(err);
    return ExitStatus.INTERNAL.code();
  }

  private static void tell(PrintWriter err, String text) {
    err.println("error: " + SafeText.lines(text));
  }
}
