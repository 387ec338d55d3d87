package dev.countersign.common.command;

import java.util.Objects;

/**
 * A command ends here, with one paragraph for its user: what was found, what is wanted, and the
 * next step. The stack is shown only with {@code --verbose}.
 */
public final class CommandFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final ExitStatus status;

  /** A failure whose message is complete in itself. */
  public CommandFailure(ExitStatus status, String message) {
    super(message);
    this.status = Objects.requireNonNull(status);
  }

  /** A failure that has a cause; the message must not repeat it. */
  public CommandFailure(ExitStatus status, String message, Throwable cause) {
    super(message, cause);
    this.status = Objects.requireNonNull(status);
  }

  /** The environment is at fault. */
  public static CommandFailure environment(String message) {
    return new CommandFailure(ExitStatus.INTERNAL, message);
  }

  /** What the user gave is off. */
  public static CommandFailure usage(String message) {
    return new CommandFailure(ExitStatus.USAGE, message);
  }

  /** The status to end with. */
  public ExitStatus status() {
    return status;
  }
}
