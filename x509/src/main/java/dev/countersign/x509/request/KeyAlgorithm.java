package dev.countersign.x509.request;

/** What a public key is for. */
public enum KeyAlgorithm {
  /** rsaEncryption. */
  RSA,
  /** id-RSASSA-PSS: an RSA key bound to one padding. */
  RSA_PSS,
  /** id-ecPublicKey. */
  ECDSA,
  /** id-Ed25519. */
  ED25519,
  /** Any other, such as DSA, Ed448, X25519. */
  OTHER
}
