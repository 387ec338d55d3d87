package dev.countersign.image.publish;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;

/** A user's name and password, or a token, for one registry. Never printed, never compared. */
public final class Credentials {
  private final String user;
  private final String secret;
  private final boolean identityToken;

  private Credentials(String user, String secret, boolean identityToken) {
    this.user = Objects.requireNonNull(user, "user");
    this.secret = Objects.requireNonNull(secret, "secret");
    this.identityToken = identityToken;
  }

  public static Credentials ofPassword(String user, String password) {
    return new Credentials(user, password, false);
  }

  /** A refresh token, as registries with OAuth give out. */
  public static Credentials ofIdentityToken(String token) {
    return new Credentials("", token, true);
  }

  boolean isIdentityToken() {
    return identityToken;
  }

  /** The value of an Authorization header; only for the registry the credentials are for. */
  String basicHeader() {
    return "Basic "
        + Base64.getEncoder()
            .encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8));
  }

  /** The refresh token; only for the registry's own token server. */
  String refreshToken() {
    return secret;
  }

  @Override
  public String toString() {
    return "Credentials[redacted]";
  }
}
