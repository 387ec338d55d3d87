package dev.countersign.common.command;

/** The exit statuses of every command; scripts depend on them. */
public enum ExitStatus {
  /** The command did what it was asked. */
  OK(0),
  /**
   * The environment is at fault (no network, a full disk, a server that does not answer), or we
   * are.
   */
  INTERNAL(1),
  /** The call's words, or a file it was given, are off. */
  USAGE(2),
  /** The verdict was not "approve", or a check found something. */
  REFUSED(3);

  private final int code;

  ExitStatus(int code) {
    this.code = code;
  }

  /** The number the process ends with. */
  public int code() {
    return code;
  }
}
