package dev.countersign.testbed;

/**
 * Something outside of countersign stands in the way of a control plane: no binaries, no port, no
 * right to make a network. The message is one paragraph for the user, complete in itself: what was
 * found, what is wanted, and the next step.
 */
public class ControlPlaneFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /** A failure told in one paragraph. */
  public ControlPlaneFailure(String message) {
    super(message);
  }

  /** A failure with the exception that showed it; the message must not need it to be understood. */
  public ControlPlaneFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
