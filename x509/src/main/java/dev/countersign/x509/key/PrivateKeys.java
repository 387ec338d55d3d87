package dev.countersign.x509.key;

import dev.countersign.x509.Reading;
import dev.countersign.x509.secret.SecretText;

/** Reading private keys. */
public final class PrivateKeys {
  private PrivateKeys() {}

  /**
   * Reads one private key from PEM: PKCS#8 ({@code PRIVATE KEY}: RSA, EC, Ed25519), PKCS#1 ({@code
   * RSA PRIVATE KEY}), SEC1 ({@code EC PRIVATE KEY}, with or without an {@code EC PARAMETERS} block
   * before it). Certificates beside the key are skipped, so that a kubelet's combined file can be
   * read.
   */
  public static Reading<KeyPair> parsePem(SecretText pem) {
    return dev.countersign.x509.UnderConstruction.todo();
  }
}
