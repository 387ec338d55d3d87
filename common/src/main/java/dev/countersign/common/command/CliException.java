package dev.countersign.common.command;

import java.util.Objects;

/**
 * A command ends here, with one paragraph for its user: what was found, what is wanted, and the
 * next step. The stack is shown only with {@code --verbose}.
 */
public final class CliException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ExitStatus status;

  /** A failure whose message is complete in itself. */
  public CliException(ExitStatus status, String message) {
    super(message);
    this.status = Objects.requireNonNull(status);
  }

  /** A failure that has a cause; the message must not repeat it. */
  public CliException(ExitStatus status, String message, Throwable cause) {
    super(message, cause);
    this.status = Objects.requireNonNull(status);
  }

  /** The environment is at fault. */
  public static CliException environment(String message) {
    return new CliException(ExitStatus.INTERNAL, message);
  }

  /** What the user gave is off. */
  public static CliException usage(String message) {
    return new CliException(ExitStatus.USAGE, message);
  }

  /** The status to end with. */
  public ExitStatus status() {
    return status;
  }
}
