package dev.countersign.x509.request;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * Verifies ECDSA signatures on P-256 (FIPS 186-5 section 6.4.2) several times as fast as the JDK
 * does without its optimising compiler, which the approver runs without. Keys and signatures are
 * public, so that time may depend on them.
 *
 * <p>Its yes is taken; what it does not verify is left to the JDK to judge.
 */
final class P256 {
  static final BigInteger ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private static final BigInteger B =
      new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);
  private static final BigInteger GENERATOR_X =
      new BigInteger("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", 16);
  private static final BigInteger GENERATOR_Y =
      new BigInteger("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5", 16);
  private static final int GENERATOR_WINDOW = 7;
  private static final int KEY_WINDOW = 5;
  private static final Point[] GENERATOR =
      Point.of(GENERATOR_X, GENERATOR_Y).oddMultiples(1 << (GENERATOR_WINDOW - 2));

  private P256() {}

  /**
   * Whether a signature verifies.
   *
   * @param x the key's coordinate, taken as it is: at least 0
   * @param y likewise
   * @param digest of the message, of any length; the leftmost 32 bytes count
   */
  static boolean verifies(BigInteger x, BigInteger y, byte[] digest, BigInteger r, BigInteger s) {
    if (!isOnCurve(x, y) || !isScalar(r) || !isScalar(s)) {
      return false;
    }
    BigInteger e = new BigInteger(1, Arrays.copyOf(digest, Math.min(digest.length, 32)));
    BigInteger inverse = s.modInverse(ORDER);
    byte[] ofGenerator = digits(e.multiply(inverse).mod(ORDER), GENERATOR_WINDOW);
    byte[] ofKey = digits(r.multiply(inverse).mod(ORDER), KEY_WINDOW);
    Point[] key = Point.of(x, y).oddMultiples(1 << (KEY_WINDOW - 2));
    Point sum = Point.infinity();
    for (int i = Math.max(ofGenerator.length, ofKey.length) - 1; i >= 0; i--) {
      sum.twice();
      addMultiple(sum, GENERATOR, ofGenerator, i);
      addMultiple(sum, key, ofKey, i);
    }
    return !sum.isInfinity()
        && (sum.hasX(r) || (r.add(ORDER).compareTo(P256Field.P) < 0 && sum.hasX(r.add(ORDER))));
  }

  private static boolean isScalar(BigInteger number) {
    return number.signum() > 0 && number.compareTo(ORDER) < 0;
  }

  private static boolean isOnCurve(BigInteger x, BigInteger y) {
    if (x.compareTo(P256Field.P) >= 0 || y.compareTo(P256Field.P) >= 0) {
      return false;
    }
    BigInteger right = x.multiply(x).subtract(BigInteger.valueOf(3)).multiply(x).add(B);
    return y.multiply(y).subtract(right).mod(P256Field.P).signum() == 0;
  }

  private static void addMultiple(Point sum, Point[] oddMultiples, byte[] digits, int i) {
    int digit = i < digits.length ? digits[i] : 0;
    if (digit > 0) {
      sum.add(oddMultiples[digit / 2], false);
    } else if (digit < 0) {
      sum.add(oddMultiples[-digit / 2], true);
    }
  }

  /**
   * The non-adjacent form of a scalar (Hankerson, Menezes and Vanstone, algorithm 3.35): digits
   * that are 0 or odd and below 2^(width - 1), of any {@code width} in a row at most one not 0.
   */
  static byte[] digits(BigInteger scalar, int width) {
    byte[] digits = new byte[scalar.bitLength() + 1];
    int carry = 0;
    int i = 0;
    while (i < digits.length) {
      if ((scalar.testBit(i) ? 1 : 0) == carry) {
        i++;
        continue;
      }
      int window = carry;
      for (int bit = 0; bit < width; bit++) {
        window += scalar.testBit(i + bit) ? 1 << bit : 0;
      }
      carry = window >= 1 << (width - 1) ? 1 : 0;
      digits[i] = (byte) (window - (carry << width));
      i += width;
    }
    return digits;
  }

  /** A point in Jacobian coordinates, (X/Z², Y/Z³); Z is 0 at infinity. Changed in place. */
  private static final class Point {
    private final long[] x;
    private final long[] y;
    private final long[] z;
    private final long[][] scratch = new long[8][P256Field.LIMBS];

    private Point(long[] x, long[] y, long[] z) {
      this.x = x;
      this.y = y;
      this.z = z;
    }

    static Point of(BigInteger x, BigInteger y) {
      return new Point(P256Field.of(x), P256Field.of(y), P256Field.of(BigInteger.ONE));
    }

    static Point infinity() {
      return new Point(
          P256Field.of(BigInteger.ONE), P256Field.of(BigInteger.ONE), new long[P256Field.LIMBS]);
    }

    private Point copy() {
      return new Point(x.clone(), y.clone(), z.clone());
    }

    private void set(Point other) {
      System.arraycopy(other.x, 0, x, 0, x.length);
      System.arraycopy(other.y, 0, y, 0, y.length);
      System.arraycopy(other.z, 0, z, 0, z.length);
    }

    boolean isInfinity() {
      return P256Field.isZero(z);
    }

    /** Whether its affine x is that number. */
    boolean hasX(BigInteger number) {
      long[] want = scratch[0];
      P256Field.square(want, z);
      P256Field.multiply(want, want, P256Field.of(number));
      P256Field.combine(want, 1, want, -1, x);
      return P256Field.isZero(want);
    }

    /** 1, 3, 5, … times this. */
    Point[] oddMultiples(int count) {
      Point[] all = new Point[count];
      all[0] = this;
      Point two = copy();
      two.twice();
      for (int i = 1; i < count; i++) {
        all[i] = all[i - 1].copy();
        all[i].add(two, false);
      }
      return all;
    }

    /** Doubles it ("dbl-2001-b" of the Explicit-Formulas Database, for a = -3). */
    void twice() {
      long[] delta = scratch[0];
      long[] gamma = scratch[1];
      long[] beta = scratch[2];
      long[] alpha = scratch[3];
      long[] t = scratch[4];
      P256Field.square(delta, z);
      P256Field.square(gamma, y);
      P256Field.multiply(beta, x, gamma);
      P256Field.combine(t, 1, x, -1, delta);
      P256Field.combine(alpha, 3, x, 3, delta);
      P256Field.multiply(alpha, alpha, t);
      P256Field.combine(z, 1, z, 1, y);
      P256Field.square(z, z);
      P256Field.combine(z, 1, z, -1, gamma);
      P256Field.combine(z, 1, z, -1, delta);
      P256Field.square(x, alpha);
      P256Field.combine(x, 1, x, -8, beta);
      P256Field.combine(t, 4, beta, -1, x);
      P256Field.multiply(y, alpha, t);
      P256Field.square(gamma, gamma);
      P256Field.combine(y, 1, y, -8, gamma);
    }

    /** Adds another point, or its negative ("add-1998-cmo-2"). */
    void add(Point other, boolean negated) {
      if (other.isInfinity()) {
        return;
      }
      if (isInfinity()) {
        set(other);
        P256Field.combine(y, negated ? -1 : 1, y, 0, y);
        return;
      }
      long[] z1z1 = scratch[0];
      long[] u1 = scratch[1];
      long[] s1 = scratch[2];
      long[] h = scratch[3];
      long[] slope = scratch[4];
      long[] hh = scratch[5];
      long[] t = scratch[6];
      P256Field.square(t, other.z);
      P256Field.multiply(u1, x, t);
      P256Field.multiply(t, t, other.z);
      P256Field.multiply(s1, y, t);
      P256Field.square(z1z1, z);
      P256Field.multiply(h, other.x, z1z1);
      P256Field.combine(h, 1, h, -1, u1);
      P256Field.multiply(z1z1, z1z1, z);
      P256Field.multiply(slope, other.y, z1z1);
      P256Field.combine(slope, negated ? -1 : 1, slope, -1, s1);
      if (P256Field.isZero(h)) {
        if (P256Field.isZero(slope)) {
          twice();
        } else {
          Arrays.fill(z, 0);
        }
        return;
      }
      P256Field.multiply(z, z, other.z);
      P256Field.multiply(z, z, h);
      P256Field.square(hh, h);
      P256Field.multiply(u1, u1, hh);
      P256Field.multiply(hh, hh, h);
      P256Field.multiply(s1, s1, hh);
      P256Field.square(x, slope);
      P256Field.combine(x, 1, x, -1, hh);
      P256Field.combine(x, 1, x, -2, u1);
      P256Field.combine(t, 1, u1, -1, x);
      P256Field.multiply(y, slope, t);
      P256Field.combine(y, 1, y, -1, s1);
    }
  }
}
