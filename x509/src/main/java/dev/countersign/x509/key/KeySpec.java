package dev.countersign.x509.key;

/** What kind of key pair to make. */
public enum KeySpec {
  RSA_2048,
  RSA_3072,
  RSA_4096,
  ECDSA_P256,
  ECDSA_P384,
  ECDSA_P521,
  ED25519
}
