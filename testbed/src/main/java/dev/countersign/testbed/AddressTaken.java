package dev.countersign.testbed;

/** The address was taken between the look and the start: another one will do. */
final class AddressTaken extends ControlPlaneFailure {
  private static final long serialVersionUID = 1L;

  AddressTaken(String message) {
    super(message);
  }
}
