package dev.countersign.x509.request;

/** What makes a public key unfit whatever its size. */
public enum KeyWeakness {
  /** The curve's parameters stand in the key instead of its name (CVE-2020-0601 came of that). */
  EC_EXPLICIT_PARAMETERS,
  /** A curve other than P-224, P-256, P-384 and P-521. */
  EC_UNKNOWN_CURVE,
  /** The point is written in its compressed or hybrid form, which Kubernetes does not read. */
  EC_POINT_NOT_UNCOMPRESSED,
  /** The point is not on its curve, or is the point at infinity. */
  EC_POINT_NOT_ON_CURVE,
  /** The exponent is even, 1 or not below the modulus: not an RSA key. */
  RSA_EXPONENT_UNUSABLE,
  /** The exponent is odd but below 65537. */
  RSA_EXPONENT_SMALL,
  /** The exponent is above 2^31 - 1, which Kubernetes does not read. */
  RSA_EXPONENT_LARGE,
  /** The modulus has a prime factor below 1024. */
  RSA_SMALL_FACTOR,
  /** The modulus is the product of two primes so close that Fermat's method finds them. */
  RSA_CLOSE_PRIMES,
  /** The modulus bears the fingerprint of CVE-2017-15361 (ROCA). */
  RSA_ROCA,
  /** A point of small order, or not a point: signatures prove nothing (Ed25519). */
  EDWARDS_POINT_UNUSABLE
}
