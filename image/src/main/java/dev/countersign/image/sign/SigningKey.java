package dev.countersign.image.sign;

/** A private key to sign images with: ECDSA P-256. Thread-safe. */
public sealed interface SigningKey permits CosignPrivateKey, SignerProgram {
  /** Returns the key that verifies what this one signs. */
  CosignPublicKey publicKey();

  /** Signs the SHA-256 of a message; DER, as X.509 has it. */
  byte[] sign(byte[] message);
}
