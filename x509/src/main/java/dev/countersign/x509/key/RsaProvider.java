package dev.countersign.x509.key;

import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.Optional;

/**
 * Amazon Corretto Crypto Provider, where it is on the class path and has a library for this
 * platform: with the quick compiler only, the JDK's own RSA is some ten times as slow (ADR 0012).
 */
public final class RsaProvider {
  private static final String NAME =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

  private RsaProvider() {}

  /** Loaded with the first RSA key and not before: it unpacks a library. */
  private static final class Loaded {
    static final Optional<Provider> PROVIDER = load();
  }

  /** The provider; empty where the JDK must do. */
  public static Optional<Provider> find() {
    return Loaded.PROVIDER;
  }

  private static Optional<Provider> load() {
    try {
      if (Class.forName(NAME).getField("INSTANCE").get(null) instanceof Provider provider) {
        // Without its library it is there, but offers nothing.
        KeyPairGenerator.getInstance("RSA", provider);
        return Optional.of(provider);
      }
    } catch (ReflectiveOperationException | LinkageError | NoSuchAlgorithmException e) {
      // Another platform, or a class path without it: the JDK's RSA is as good, only slower.
    }
    return Optional.empty();
  }
}
