package dev.countersign.x509.key;

/** The form a private key is written in. */
public enum PrivateKeyFormat {
  /** {@code PRIVATE KEY} (RFC 5958), for every algorithm. */
  PKCS8,
  /**
   * {@code RSA PRIVATE KEY} (RFC 8017) for RSA and {@code EC PRIVATE KEY} (RFC 5915) for ECDSA, as
   * kubeadm and Terraform write them; {@code PRIVATE KEY} for Ed25519, which has no other.
   */
  TRADITIONAL
}
