package dev.countersign.x509.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.x509.Bytes;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class P256Test {
  private static final BigInteger P = P256Field.P;
  private final Random random = new Random(20_261_122);

  @Test
  void field_agreesWithBigInteger() {
    for (int i = 0; i < 3000; i++) {
      BigInteger a = number(i);
      BigInteger b = number(random.nextInt(3000));
      long[] r = new long[P256Field.LIMBS];

      assertThat(P256Field.toNumber(P256Field.of(a))).isEqualTo(a);
      P256Field.multiply(r, P256Field.of(a), P256Field.of(b));
      assertThat(P256Field.toNumber(r)).isEqualTo(a.multiply(b).mod(P));
      P256Field.square(r, P256Field.of(a));
      assertThat(P256Field.toNumber(r)).isEqualTo(a.multiply(a).mod(P));
      int x = random.nextInt(17) - 8;
      int y = random.nextInt(17) - 8;
      P256Field.combine(r, x, P256Field.of(a), y, P256Field.of(b));
      assertThat(P256Field.toNumber(r))
          .isEqualTo(
              a.multiply(BigInteger.valueOf(x)).add(b.multiply(BigInteger.valueOf(y))).mod(P));
      assertThat(P256Field.isZero(r)).isEqualTo(P256Field.toNumber(r).signum() == 0);
    }
  }

  /** Results of results of results stay in bounds. */
  @Test
  void field_longChains_agreeWithBigInteger() {
    BigInteger want = number(7);
    BigInteger other = P.subtract(BigInteger.TWO);
    long[] got = P256Field.of(want);
    long[] otherElement = P256Field.of(other);
    for (int i = 0; i < 20_000; i++) {
      switch (random.nextInt(4)) {
        case 0 -> {
          P256Field.multiply(got, got, otherElement);
          want = want.multiply(other).mod(P);
        }
        case 1 -> {
          P256Field.square(got, got);
          want = want.multiply(want).mod(P);
        }
        case 2 -> {
          P256Field.combine(got, 8, got, -8, otherElement);
          want = want.subtract(other).multiply(BigInteger.valueOf(8)).mod(P);
        }
        default -> {
          P256Field.combine(got, -8, got, -8, got);
          want = want.multiply(BigInteger.valueOf(-16)).mod(P);
        }
      }
      for (int limb = 0; limb < P256Field.LIMBS; limb++) {
        assertThat(got[limb]).isBetween(0L, limb == 8 ? (1L << 24) + (1L << 20) : (1L << 29) - 1);
      }
    }
    assertThat(P256Field.toNumber(got)).isEqualTo(want);
  }

  @Test
  void isZero_zeroAndModulus() {
    long[] r = new long[P256Field.LIMBS];
    assertThat(P256Field.isZero(r)).isTrue();
    long[] seven = P256Field.of(BigInteger.valueOf(7));
    P256Field.combine(r, 1, seven, -1, seven);
    assertThat(P256Field.isZero(r)).isTrue();
    P256Field.combine(r, 1, seven, 0, seven);
    assertThat(P256Field.isZero(r)).isFalse();
  }

  private BigInteger number(int i) {
    return switch (i) {
      case 0 -> BigInteger.ZERO;
      case 1 -> BigInteger.ONE;
      case 2 -> P.subtract(BigInteger.ONE);
      case 3 -> BigInteger.ONE.shiftLeft(224).subtract(BigInteger.ONE);
      case 4 -> P.subtract(BigInteger.ONE.shiftLeft(96));
      default -> new BigInteger(256, random).mod(P);
    };
  }

  @Test
  void digits_standForTheScalar_andAreSparse() {
    for (int width : new int[] {5, 7}) {
      for (int i = 0; i < 300; i++) {
        BigInteger scalar = i < 70 ? BigInteger.valueOf(i) : new BigInteger(256, random);
        byte[] digits = P256.digits(scalar, width);
        BigInteger sum = BigInteger.ZERO;
        int lastAt = -width;
        for (int at = 0; at < digits.length; at++) {
          sum = sum.add(BigInteger.valueOf(digits[at]).shiftLeft(at));
          if (digits[at] != 0) {
            assertThat(digits[at] % 2).isNotZero();
            assertThat((int) digits[at]).isBetween(-(1 << (width - 1)) + 1, (1 << (width - 1)) - 1);
            assertThat(at - lastAt).isGreaterThanOrEqualTo(width);
            lastAt = at;
          }
        }
        assertThat(sum).isEqualTo(scalar);
      }
    }
  }

  @Test
  void verifies_whatTheJdkSigned_andNothingElse() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    for (int i = 0; i < 60; i++) {
      KeyPair pair = generator.generateKeyPair();
      byte[] message = new byte[random.nextInt(400)];
      random.nextBytes(message);
      Signature signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(pair.getPrivate());
      signer.update(message);
      List<DerValue> numbers =
          DerValue.parse(Bytes.copyOf(signer.sign()))
              .childrenOf("signature", DerTag.SEQUENCE, 2, 2);
      BigInteger r = numbers.get(0).integer("r");
      BigInteger s = numbers.get(1).integer("s");
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(message);
      ECPublicKey key = (ECPublicKey) pair.getPublic();
      BigInteger x = key.getW().getAffineX();
      BigInteger y = key.getW().getAffineY();

      assertThat(P256.verifies(x, y, digest, r, s)).isTrue();
      // (r, n - s) verifies, too: ECDSA signatures come in pairs.
      assertThat(P256.verifies(x, y, digest, r, P256.ORDER.subtract(s))).isTrue();
      assertThat(P256.verifies(x, P.subtract(y), digest, r, s)).isFalse();
      assertThat(P256.verifies(x, y, digest, s, r)).isFalse();
      assertThat(P256.verifies(x, y, digest, r, s.add(P256.ORDER))).isFalse();
      assertThat(P256.verifies(x, y, digest, r.add(P256.ORDER), s)).isFalse();
      assertThat(P256.verifies(x, y, digest, BigInteger.ZERO, s)).isFalse();
      assertThat(P256.verifies(x, y, digest, r, BigInteger.ZERO)).isFalse();
      assertThat(P256.verifies(x, y, digest, r, s.negate())).isFalse();
      assertThat(P256.verifies(x, y.add(BigInteger.ONE), digest, r, s)).isFalse();
      assertThat(P256.verifies(x.add(P), y, digest, r, s)).isFalse();
      assertThat(P256.verifies(x, y.add(P), digest, r, s)).isFalse();
      digest[random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
      assertThat(P256.verifies(x, y, digest, r, s)).isFalse();
    }
  }

  /**
   * With the generator itself as the key, and k as the nonce: r = x(kG), s = (e + r d) / k with d =
   * 1. Small nonces and digests lead through doublings and through infinity.
   */
  @Test
  void verifies_keysAndNoncesThatAreSmall() {
    BigInteger x =
        new BigInteger("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", 16);
    BigInteger y =
        new BigInteger("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5", 16);
    // x(2G), from the test vectors of NIST for P-256 point multiplication
    BigInteger x2 =
        new BigInteger("7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978", 16);
    BigInteger n = P256.ORDER;
    for (int k = 1; k <= 2; k++) {
      BigInteger r = (k == 1 ? x : x2).mod(n);
      for (int e = 0; e < 40; e++) {
        byte[] digest = new byte[32];
        digest[31] = (byte) e;
        BigInteger s =
            BigInteger.valueOf(e).add(r).multiply(BigInteger.valueOf(k).modInverse(n)).mod(n);
        assertThat(P256.verifies(x, y, digest, r, s)).as("k=%s e=%s", k, e).isTrue();
      }
    }
    // e = -r makes u1 G + u2 Q infinity
    BigInteger r = x.mod(n);
    byte[] digest = new byte[32];
    byte[] minus = n.subtract(r).toByteArray();
    System.arraycopy(
        minus,
        Math.max(0, minus.length - 32),
        digest,
        Math.max(0, 32 - minus.length),
        Math.min(32, minus.length));
    assertThat(P256.verifies(x, y, digest, r, BigInteger.ONE)).isFalse();
  }
}
