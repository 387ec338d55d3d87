package dev.countersign.common.secret;

import java.util.Objects;

/**
 * A text that must not be shown: a token, a private key in PEM, a kubeconfig.
 *
 * <p>Immutable and safe for use by several threads. Compared by identity only, so that it cannot be
 * guessed at in a map.
 */
public final class SecretText {
  private final String text;

  private SecretText(String text) {
    this.text = Objects.requireNonNull(text, "text");
  }

  /** Takes a text into custody. */
  public static SecretText of(String text) {
    return new SecretText(text);
  }

  /** The text. */
  public String reveal(SecretAccess access) {
    Objects.requireNonNull(access, "access");
    return text;
  }

  @Override
  public String toString() {
    return "SecretText[redacted]";
  }
}
