package dev.countersign.cluster.token;

import dev.countersign.common.secret.SecretAccess;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The secret half of a bootstrap token: sixteen lower-case letters or digits, 82 bits.
 *
 * <p>Never shown by {@link #toString()}, never compared.
 */
public final class TokenSecret {
  private static final Pattern FORM = Pattern.compile("[a-z0-9]{16}");
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

  private final String value;

  private TokenSecret(String value) {
    this.value = value;
  }

  /**
   * Reads a secret.
   *
   * @throws IllegalArgumentException that tells the form but not the text
   */
  public static TokenSecret parse(String text) {
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "token secret: got " + text.length() + " characters; want sixteen of a-z and 0-9");
    }
    return new TokenSecret(text);
  }

  /** A new secret, each character equally likely. */
  public static TokenSecret generate(SecureRandom random) {
    return new TokenSecret(randomText(random, 16));
  }

  /** {@code length} characters of a-z and 0-9, each equally likely. */
  static String randomText(SecureRandom random, int length) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }

  /** The sixteen characters. */
  public String reveal(SecretAccess access) {
    Objects.requireNonNull(access, "access");
    return value;
  }

  @Override
  public String toString() {
    return "TokenSecret[redacted]";
  }
}
