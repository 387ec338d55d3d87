package dev.countersign.common.secret;

/**
 * The permission to see a secret, and the reason for it.
 *
 * <p>It protects against accident, not against code in the same process: every place that reveals a
 * secret carries a {@code SecretAccess.because(...)} that a reviewer can search for.
 */
public final class SecretAccess {
  private final String reason;

  private SecretAccess(String reason) {
    this.reason = reason;
  }

  /**
   * Grants access.
   *
   * @param reason what becomes of the secret, such as "written to a file of mode 0600"
   */
  public static SecretAccess because(String reason) {
    if (reason.isBlank()) {
      throw new IllegalArgumentException(
          "reason: got \"\"; want what becomes of the secret that is revealed");
    }
    return new SecretAccess(reason);
  }

  @Override
  public String toString() {
    return "SecretAccess because " + reason;
  }
}
