package dev.countersign.cluster.token;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.policy.join.TokenId;
import java.security.SecureRandom;
import java.util.Objects;

/**
 * A bootstrap token, {@code <id>.<secret>}: what a new kubelet shows the API server.
 *
 * <p>Prints as its id with the secret left out.
 */
public final class BootstrapToken {
  private final TokenId id;
  private final TokenSecret secret;

  /** Puts the halves together. */
  public BootstrapToken(TokenId id, TokenSecret secret) {
    this.id = Objects.requireNonNull(id, "id");
    this.secret = Objects.requireNonNull(secret, "secret");
  }

  /**
   * Reads {@code 07401b.f395accd246ae52d}.
   *
   * @throws IllegalArgumentException that tells the form but not the text
   */
  public static BootstrapToken parse(String text) {
    int dot = text.indexOf('.');
    if (dot != 6 || text.length() != 23) {
      throw new IllegalArgumentException(
          "token: got "
              + text.length()
              + " characters; want six of a-z and 0-9, a full stop, sixteen of a-z and 0-9");
    }
    return new BootstrapToken(
        TokenId.parse(text.substring(0, 6)), TokenSecret.parse(text.substring(7)));
  }

  /** A new token, id and secret both from {@code random}. */
  public static BootstrapToken generate(SecureRandom random) {
    return new BootstrapToken(
        TokenId.parse(TokenSecret.randomText(random, 6)), TokenSecret.generate(random));
  }

  /** The public half. */
  public TokenId id() {
    return id;
  }

  /** The secret half. */
  public TokenSecret secret() {
    return secret;
  }

  /** {@code <id>.<secret>}. */
  public String reveal(SecretAccess access) {
    return id.value() + "." + secret.reveal(access);
  }

  @Override
  public String toString() {
    return id.value() + ".[redacted]";
  }
}
