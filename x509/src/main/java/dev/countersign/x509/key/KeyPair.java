package dev.countersign.x509.key;

import dev.countersign.common.Bytes;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.x509.pem.Pem;
import dev.countersign.x509.request.KeyDescription;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Objects;

/**
 * A private key and its public key. Secret: shown as its public half only, compared by identity.
 *
 * <p>Immutable and safe for use by several threads.
 */
public final class KeyPair {
  private final PrivateKey privateKey;
  private final PublicKey publicKey;

  KeyPair(PrivateKey privateKey, PublicKey publicKey) {
    this.privateKey = Objects.requireNonNull(privateKey, "privateKey");
    this.publicKey = Objects.requireNonNull(publicKey, "publicKey");
  }

  /**
   * Makes a new pair. The only source of chance is {@code random}; where that is {@link
   * SecureRandom} itself, RSA and ECDSA keys may come from {@link AwsLc}, which has a generator of
   * its own, seeded by the system.
   */
  public static KeyPair generate(KeySpec spec, SecureRandom random) {
    java.security.KeyPair pair = spec.generate(random);
    return new KeyPair(pair.getPrivate(), pair.getPublic());
  }

  /** The public half. */
  public PublicKey publicKey() {
    return publicKey;
  }

  /** Algorithm, size and SubjectPublicKeyInfo of the public half. */
  public KeyDescription description() {
    return KeyDescription.of(publicKey);
  }

  /** The private half, for signing and TLS. */
  public PrivateKey privateKey(SecretAccess access) {
    Objects.requireNonNull(access, "access");
    return privateKey;
  }

  /** The private half as PEM. */
  public SecretText privateKeyPem(PrivateKeyFormat format) {
    return SecretText.of(PrivateKeyEncoding.toPem(privateKey, publicKey, format));
  }

  /** The public half as PEM, {@code PUBLIC KEY}. */
  public String publicKeyPem() {
    return Pem.encode("PUBLIC KEY", Bytes.copyOf(publicKey.getEncoded()));
  }

  @Override
  public String toString() {
    return "KeyPair[" + publicKey.getAlgorithm() + ", private half redacted]";
  }
}
