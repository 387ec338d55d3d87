package dev.countersign.x509.request;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * Arithmetic modulo the prime of P-256, p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (FIPS 186-5), for
 * public values only: its time depends on them.
 *
 * <p>An element is nine limbs of 29 bits, the lowest first, in Montgomery form with R = 2^261.
 * Every result is at least 0 and below 2^256 + 2^252, hence below 2p; inputs are expected to be so.
 * As p is -1 modulo 2^29, the quotient digit of a reduction step is the lowest limb itself, and as
 * p has few bits, its multiple is four shifts. A column of nine products of 29 bits stays below
 * 2^62.
 */
final class P256Field {
  static final BigInteger P =
      new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);

  static final int LIMBS = 9;
  private static final int LIMB_BITS = 29;
  private static final long MASK = (1L << LIMB_BITS) - 1;
  private static final long TOP_MASK = (1L << 24) - 1;
  private static final long[] MODULUS = limbs(P);
  private static final BigInteger R = BigInteger.ONE.shiftLeft(LIMB_BITS * LIMBS);

  private P256Field() {}

  /** The Montgomery form of a number from 0 to p - 1. */
  static long[] of(BigInteger number) {
    return limbs(number.multiply(R).mod(P));
  }

  private static long[] limbs(BigInteger number) {
    long[] limbs = new long[LIMBS];
    BigInteger rest = number;
    for (int i = 0; i < LIMBS; i++) {
      limbs[i] = rest.longValue() & MASK;
      rest = rest.shiftRight(LIMB_BITS);
    }
    return limbs;
  }

  /** The number from 0 to p - 1 that an element stands for. */
  static BigInteger toNumber(long[] element) {
    BigInteger number = BigInteger.ZERO;
    for (int i = LIMBS - 1; i >= 0; i--) {
      number = number.shiftLeft(LIMB_BITS).add(BigInteger.valueOf(element[i]));
    }
    return number.multiply(R.modInverse(P)).mod(P);
  }

  /** Whether an element is 0 modulo p: being below 2p, it is 0 or p then. */
  static boolean isZero(long[] element) {
    return Arrays.equals(element, MODULUS) || Arrays.equals(element, new long[LIMBS]);
  }

  /**
   * r = x a + y b.
   *
   * @param x from -8 to 8
   * @param y from -8 to 8
   */
  static void combine(long[] r, int x, long[] a, int y, long[] b) {
    long n = 2L * (Math.max(0, -x) + Math.max(0, -y));
    // n p is added, limb by limb, so that the result is not negative.
    long c0 = x * a[0] + y * b[0] - n;
    long c1 = x * a[1] + y * b[1] + (c0 >> 29);
    long c2 = x * a[2] + y * b[2] + (c1 >> 29);
    long c3 = x * a[3] + y * b[3] + (n << 9) + (c2 >> 29);
    long c4 = x * a[4] + y * b[4] + (c3 >> 29);
    long c5 = x * a[5] + y * b[5] + (c4 >> 29);
    long c6 = x * a[6] + y * b[6] + (n << 18) + (c5 >> 29);
    long c7 = x * a[7] + y * b[7] - (n << 21) + (c6 >> 29);
    long c8 = x * a[8] + y * b[8] + (n << 24) + (c7 >> 29);
    // What lies above 2^256 comes back as 2^224 - 2^192 - 2^96 + 1 times as much.
    long above = c8 >> 24;
    long d0 = (c0 & MASK) + above;
    long d1 = (c1 & MASK) + (d0 >> 29);
    long d2 = (c2 & MASK) + (d1 >> 29);
    long d3 = (c3 & MASK) - (above << 9) + (d2 >> 29);
    long d4 = (c4 & MASK) + (d3 >> 29);
    long d5 = (c5 & MASK) + (d4 >> 29);
    long d6 = (c6 & MASK) - (above << 18) + (d5 >> 29);
    long d7 = (c7 & MASK) + (above << 21) + (d6 >> 29);
    long d8 = (c8 & TOP_MASK) + (d7 >> 29);
    r[0] = d0 & MASK;
    r[1] = d1 & MASK;
    r[2] = d2 & MASK;
    r[3] = d3 & MASK;
    r[4] = d4 & MASK;
    r[5] = d5 & MASK;
    r[6] = d6 & MASK;
    r[7] = d7 & MASK;
    r[8] = d8;
  }

  /** r = a b / R. */
  static void multiply(long[] r, long[] a, long[] b) {
    long a0 = a[0];
    long a1 = a[1];
    long a2 = a[2];
    long a3 = a[3];
    long a4 = a[4];
    long a5 = a[5];
    long a6 = a[6];
    long a7 = a[7];
    long a8 = a[8];
    long b0 = b[0];
    long b1 = b[1];
    long b2 = b[2];
    long b3 = b[3];
    long b4 = b[4];
    long b5 = b[5];
    long b6 = b[6];
    long b7 = b[7];
    long b8 = b[8];
    long t0 = a0 * b0;
    long t1 = a0 * b1 + a1 * b0;
    long t2 = a0 * b2 + a1 * b1 + a2 * b0;
    long t3 = a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0;
    long t4 = a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0;
    long t5 = a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0;
    long t6 = a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0;
    long t7 = a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0;
    long t8 =
        a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0;
    long t9 = a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1;
    long t10 = a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2;
    long t11 = a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3;
    long t12 = a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4;
    long t13 = a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5;
    long t14 = a6 * b8 + a7 * b7 + a8 * b6;
    long t15 = a7 * b8 + a8 * b7;
    long t16 = a8 * b8;
    reduce(r, t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16);
  }

  /** r = a a / R. */
  static void square(long[] r, long[] a) {
    long a0 = a[0];
    long a1 = a[1];
    long a2 = a[2];
    long a3 = a[3];
    long a4 = a[4];
    long a5 = a[5];
    long a6 = a[6];
    long a7 = a[7];
    long a8 = a[8];
    long d1 = a1 << 1;
    long d2 = a2 << 1;
    long d3 = a3 << 1;
    long d4 = a4 << 1;
    long d5 = a5 << 1;
    long d6 = a6 << 1;
    long d7 = a7 << 1;
    long d8 = a8 << 1;
    long t0 = a0 * a0;
    long t1 = a0 * d1;
    long t2 = a0 * d2 + a1 * a1;
    long t3 = a0 * d3 + a1 * d2;
    long t4 = a0 * d4 + a1 * d3 + a2 * a2;
    long t5 = a0 * d5 + a1 * d4 + a2 * d3;
    long t6 = a0 * d6 + a1 * d5 + a2 * d4 + a3 * a3;
    long t7 = a0 * d7 + a1 * d6 + a2 * d5 + a3 * d4;
    long t8 = a0 * d8 + a1 * d7 + a2 * d6 + a3 * d5 + a4 * a4;
    long t9 = a1 * d8 + a2 * d7 + a3 * d6 + a4 * d5;
    long t10 = a2 * d8 + a3 * d7 + a4 * d6 + a5 * a5;
    long t11 = a3 * d8 + a4 * d7 + a5 * d6;
    long t12 = a4 * d8 + a5 * d7 + a6 * a6;
    long t13 = a5 * d8 + a6 * d7;
    long t14 = a6 * d8 + a7 * a7;
    long t15 = a7 * d8;
    long t16 = a8 * a8;
    reduce(r, t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, t11, t12, t13, t14, t15, t16);
  }

  /** Adds multiples of p until the lower nine columns are 0, and carries the rest into r. */
  private static void reduce(
      long[] r,
      long t0,
      long t1,
      long t2,
      long t3,
      long t4,
      long t5,
      long t6,
      long t7,
      long t8,
      long t9,
      long t10,
      long t11,
      long t12,
      long t13,
      long t14,
      long t15,
      long t16) {
    long m;
    m = t0 & MASK;
    t1 += (t0 - m) >> 29;
    t3 += m << 9;
    t6 += m << 18;
    t7 -= m << 21;
    t8 += m << 24;
    m = t1 & MASK;
    t2 += (t1 - m) >> 29;
    t4 += m << 9;
    t7 += m << 18;
    t8 -= m << 21;
    t9 += m << 24;
    m = t2 & MASK;
    t3 += (t2 - m) >> 29;
    t5 += m << 9;
    t8 += m << 18;
    t9 -= m << 21;
    t10 += m << 24;
    m = t3 & MASK;
    t4 += (t3 - m) >> 29;
    t6 += m << 9;
    t9 += m << 18;
    t10 -= m << 21;
    t11 += m << 24;
    m = t4 & MASK;
    t5 += (t4 - m) >> 29;
    t7 += m << 9;
    t10 += m << 18;
    t11 -= m << 21;
    t12 += m << 24;
    m = t5 & MASK;
    t6 += (t5 - m) >> 29;
    t8 += m << 9;
    t11 += m << 18;
    t12 -= m << 21;
    t13 += m << 24;
    m = t6 & MASK;
    t7 += (t6 - m) >> 29;
    t9 += m << 9;
    t12 += m << 18;
    t13 -= m << 21;
    t14 += m << 24;
    m = t7 & MASK;
    t8 += (t7 - m) >> 29;
    t10 += m << 9;
    t13 += m << 18;
    t14 -= m << 21;
    t15 += m << 24;
    m = t8 & MASK;
    t9 += (t8 - m) >> 29;
    t11 += m << 9;
    t14 += m << 18;
    t15 -= m << 21;
    t16 += m << 24;
    r[0] = t9 & MASK;
    t10 += t9 >> 29;
    r[1] = t10 & MASK;
    t11 += t10 >> 29;
    r[2] = t11 & MASK;
    t12 += t11 >> 29;
    r[3] = t12 & MASK;
    t13 += t12 >> 29;
    r[4] = t13 & MASK;
    t14 += t13 >> 29;
    r[5] = t14 & MASK;
    t15 += t14 >> 29;
    r[6] = t15 & MASK;
    t16 += t15 >> 29;
    r[7] = t16 & MASK;
    r[8] = t16 >> 29;
  }
}
