package dev.countersign.x509.request;

import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/** The curves Kubernetes reads (FIPS 186-4, appendix D.1.2); all have a = -3. */
enum PrimeCurve {
  P224(
      "P-224",
      "1.3.132.0.33",
      224,
      "ffffffffffffffffffffffffffffffff000000000000000000000001",
      "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4"),
  P256(
      "P-256",
      "1.2.840.10045.3.1.7",
      256,
      "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
      "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
  P384(
      "P-384",
      "1.3.132.0.34",
      384,
      "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
          + "ffffffff0000000000000000ffffffff",
      "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a"
          + "c656398d8a2ed19d2a85c8edd3ec2aef"),
  P521(
      "P-521",
      "1.3.132.0.35",
      521,
      "01ff" + "ff".repeat(64),
      "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef1"
          + "09e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00");

  private static final List<PrimeCurve> ALL = List.of(values());
  private static final BigInteger THREE = BigInteger.valueOf(3);

  private final String displayName;
  private final String oid;
  private final int bits;
  private final BigInteger prime;
  private final BigInteger b;

  PrimeCurve(String displayName, String oid, int bits, String prime, String b) {
    this.displayName = displayName;
    this.oid = oid;
    this.bits = bits;
    this.prime = new BigInteger(prime, 16);
    this.b = new BigInteger(b, 16);
  }

  static Optional<PrimeCurve> ofOid(String oid) {
    for (PrimeCurve curve : ALL) {
      if (curve.oid.equals(oid)) {
        return Optional.of(curve);
      }
    }
    return Optional.empty();
  }

  String displayName() {
    return displayName;
  }

  int bits() {
    return bits;
  }

  int octets() {
    return (bits + 7) / 8;
  }

  /** Whether y² = x³ - 3x + b with both below the prime. */
  boolean contains(BigInteger x, BigInteger y) {
    if (x.compareTo(prime) >= 0 || y.compareTo(prime) >= 0) {
      return false;
    }
    BigInteger right = x.multiply(x).subtract(THREE).multiply(x).add(b);
    return y.multiply(y).subtract(right).mod(prime).signum() == 0;
  }
}
