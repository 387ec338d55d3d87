package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import java.math.BigInteger;

/** Points of edwards25519 (RFC 8032, section 5.1). */
final class EdwardsPoint {
  private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
  private static final BigInteger D =
      BigInteger.valueOf(-121665).multiply(BigInteger.valueOf(121666).modInverse(P)).mod(P);

  private EdwardsPoint() {}

  /**
   * Whether 32 bytes are the canonical encoding of a point whose order does not divide eight.
   *
   * <p>With x² = (y² - 1) / (dy² + 1): orders 1, 2 and 4 have y = 1, -1 and 0. A point has order
   * eight where its double has y = 0, which is where x² = -y².
   */
  static boolean isUsable(Bytes encoded) {
    byte[] bigEndian = new byte[32];
    for (int i = 0; i < 32; i++) {
      bigEndian[i] = (byte) encoded.at(31 - i);
    }
    bigEndian[0] &= 0x7f;
    BigInteger y = new BigInteger(1, bigEndian);
    if (y.compareTo(P) >= 0) {
      return false;
    }
    BigInteger ySquared = y.multiply(y).mod(P);
    if (y.signum() == 0 || ySquared.equals(BigInteger.ONE)) {
      return false;
    }
    BigInteger xSquared =
        ySquared
            .subtract(BigInteger.ONE)
            .multiply(D.multiply(ySquared).add(BigInteger.ONE).modInverse(P))
            .mod(P);
    if (xSquared.add(ySquared).mod(P).signum() == 0) {
      return false;
    }
    // Euler's criterion: a square raised to (p - 1) / 2 is one.
    return xSquared.modPow(P.shiftRight(1), P).equals(BigInteger.ONE);
  }
}
