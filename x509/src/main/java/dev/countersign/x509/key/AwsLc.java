package dev.countersign.x509.key;

import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.Optional;

/**
 * Amazon Corretto Crypto Provider, where it is on the class path and has a library for this
 * platform: with the quick compiler only, the JDK's own arithmetic is ten to forty times as slow
 * (ADR 0011, 0012).
 */
public final class AwsLc {
  private static final String NAME =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

  private static volatile boolean preferred;

  private AwsLc() {}

  /** Loaded when it is first asked for and not before: it may have to unpack a library. */
  private static final class Loaded {
    static final Optional<Provider> PROVIDER = load();
  }

  /** The provider; empty where the JDK must do. */
  public static Optional<Provider> find() {
    return Loaded.PROVIDER;
  }

  /**
   * The provider where its own source of chance may stand in for the one that was given: where that
   * is the platform's. A source of another class, such as one with a seed, is to be used itself.
   */
  public static Optional<Provider> insteadOf(SecureRandom random) {
    return random.getClass() == SecureRandom.class ? find() : Optional.empty();
  }

  /**
   * Makes it the first choice of this process, TLS included. Without it the JDK does the same, only
   * slower.
   *
   * @return whether it is there
   */
  public static boolean prefer() {
    find()
        .ifPresent(
            provider -> {
              Security.insertProviderAt(provider, 1);
              preferred = true;
            });
    return preferred;
  }

  /** Whether it is the first choice of this process. */
  public static boolean preferred() {
    return preferred;
  }

  /** Afresh; only {@link #find} remembers. */
  static Optional<Provider> load() {
    try {
      // Without its library it is there, but offers nothing.
      if (Class.forName(NAME).getField("INSTANCE").get(null) instanceof Provider provider
          && provider.getService("KeyPairGenerator", "RSA") != null) {
        return Optional.of(provider);
      }
    } catch (ReflectiveOperationException | LinkageError e) {
      // Another platform, or a class path without it: the JDK's results are the same.
    }
    return Optional.empty();
  }
}
