package dev.countersign.x509.request;

import static dev.countersign.x509.request.Requests.malformed;
import static dev.countersign.x509.request.Requests.parsed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.Bytes;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.TestKeys;
import dev.countersign.x509.der.DerWriter;
import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.util.Random;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeyTest {
  private static final CsrForge BASE = CsrForge.client("a");
  private static final BigInteger F4 = BigInteger.valueOf(65537);

  // ---- sound keys

  @ParameterizedTest
  @CsvSource({"P-256, 256", "P-384, 384", "P-521, 521"})
  void ecdsa_namedCurve_isDescribed(String name, int bits) {
    KeyPair pair =
        switch (name) {
          case "P-256" -> TestKeys.p256();
          case "P-384" -> TestKeys.p384();
          default -> TestKeys.p521();
        };
    KeyDescription key = parsed(BASE.withKey(pair)).key();
    assertThat(key.algorithm()).isEqualTo(KeyAlgorithm.ECDSA);
    assertThat(key.algorithmOid()).isEqualTo("1.2.840.10045.2.1");
    assertThat(key.curve()).contains(name);
    assertThat(key.bits()).isEqualTo(bits);
    assertThat(key.weaknesses()).isEmpty();
    assertThat(KeyDescription.of(pair.getPublic())).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(ints = {1024, 2048})
  void rsa_anySize_isDescribed(int bits) {
    KeyDescription key = parsed(BASE.withKey(TestKeys.rsa(bits))).key();
    assertThat(key.algorithm()).isEqualTo(KeyAlgorithm.RSA);
    assertThat(key.bits()).isEqualTo(bits);
    assertThat(key.curve()).isEmpty();
    assertThat(key.weaknesses()).isEmpty();
  }

  @Test
  void ed25519_key_isDescribed() {
    KeyDescription key = parsed(BASE.withKey(TestKeys.ed25519())).key();
    assertThat(key.algorithm()).isEqualTo(KeyAlgorithm.ED25519);
    assertThat(key.bits()).isEqualTo(256);
    assertThat(key.weaknesses()).isEmpty();
  }

  @Test
  void publicKeyBits_key_areTheBitString() {
    KeyDescription key = KeyDescription.of(TestKeys.ed25519().getPublic());
    assertThat(key.publicKeyBits().size()).isEqualTo(32);
    assertThat(key.spki().toHex()).endsWith(key.publicKeyBits().toHex());
  }

  // ---- elliptic curves

  @ParameterizedTest
  @CsvSource({
    "P-224, P-224, 224",
    "P-256, P-256, 256",
    "P-384, P-384, 384",
    "P-521, P-521, 521",
  })
  void ecdsa_manyPoints_areOnTheirCurve(String bouncyCastle, String name, int bits) {
    X9ECParameters curve = ECNamedCurveTable.getByName(bouncyCastle);
    Random random = new Random(7);
    for (int i = 0; i < 20; i++) {
      ECPoint point =
          curve.getG().multiply(new BigInteger(bits - 1, random).add(BigInteger.ONE)).normalize();
      KeyDescription key = ec(bouncyCastle, point.getEncoded(false));
      assertThat(key.curve()).contains(name);
      assertThat(key.bits()).isEqualTo(bits);
      assertThat(key.weaknesses()).isEmpty();
      byte[] off = point.getEncoded(false);
      off[off.length - 1] ^= 1;
      assertThat(ec(bouncyCastle, off).weaknesses())
          .containsExactly(KeyWeakness.EC_POINT_NOT_ON_CURVE);
    }
  }

  @Test
  void ecdsa_coordinateNotReduced_isNotOnCurve() {
    X9ECParameters curve = ECNamedCurveTable.getByName("P-521");
    BigInteger p = curve.getCurve().getField().getCharacteristic();
    BigInteger x = curve.getG().normalize().getAffineXCoord().toBigInteger();
    BigInteger y = curve.getG().normalize().getAffineYCoord().toBigInteger();
    assertThat(ec("P-521", point(66, x, y)).weaknesses()).isEmpty();
    assertThat(ec("P-521", point(66, x.add(p), y)).weaknesses())
        .containsExactly(KeyWeakness.EC_POINT_NOT_ON_CURVE);
    assertThat(ec("P-521", point(66, x, y.add(p))).weaknesses())
        .containsExactly(KeyWeakness.EC_POINT_NOT_ON_CURVE);
  }

  /** P-521 has a point whose x is 0; written as the prime it is the same point and not reduced. */
  @Test
  void ecdsa_coordinateThatIsThePrime_isNotOnCurve() {
    BigInteger p = ECNamedCurveTable.getByName("P-521").getCurve().getField().getCharacteristic();
    BigInteger b = ECNamedCurveTable.getByName("P-521").getCurve().getB().toBigInteger();
    BigInteger y = b.modPow(p.add(BigInteger.ONE).shiftRight(2), p);
    assertThat(ec("P-521", point(66, BigInteger.ZERO, y)).weaknesses()).isEmpty();
    assertThat(ec("P-521", point(66, p, y)).weaknesses())
        .containsExactly(KeyWeakness.EC_POINT_NOT_ON_CURVE);
  }

  private static byte[] point(int octets, BigInteger x, BigInteger y) {
    byte[] point = new byte[1 + 2 * octets];
    point[0] = 4;
    copyRight(x, point, 1 + octets);
    copyRight(y, point, 1 + 2 * octets);
    return point;
  }

  private static void copyRight(BigInteger number, byte[] target, int end) {
    byte[] bytes = number.toByteArray();
    System.arraycopy(bytes, 0, target, end - bytes.length, bytes.length);
  }

  @Test
  void ecdsa_compressedOrInfinity_isNotUncompressed() {
    byte[] compressed = ECNamedCurveTable.getByName("P-256").getG().getEncoded(true);
    assertThat(ec("P-256", compressed).weaknesses())
        .containsExactly(KeyWeakness.EC_POINT_NOT_UNCOMPRESSED);
    assertThat(ec("P-256", new byte[] {0}).weaknesses())
        .containsExactly(KeyWeakness.EC_POINT_NOT_UNCOMPRESSED);
    byte[] hybrid = ECNamedCurveTable.getByName("P-256").getG().getEncoded(false);
    hybrid[0] = 6;
    assertThat(ec("P-256", hybrid).weaknesses())
        .containsExactly(KeyWeakness.EC_POINT_NOT_UNCOMPRESSED);
  }

  @Test
  void ecdsa_explicitParameters_areAWeakness() {
    X9ECParameters curve = ECNamedCurveTable.getByName("P-256");
    try {
      KeyDescription key =
          spki(
              DerWriter.sequence(
                  DerWriter.oid("1.2.840.10045.2.1"), curve.toASN1Primitive().getEncoded()),
              curve.getG().getEncoded(false));
      assertThat(key.weaknesses()).containsExactly(KeyWeakness.EC_EXPLICIT_PARAMETERS);
      assertThat(key.curve()).isEmpty();
      assertThat(key.bits()).isZero();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void ecdsa_otherCurves_areNamedAndAWeakness() {
    KeyDescription key =
        ec("secp256k1", ECNamedCurveTable.getByName("secp256k1").getG().getEncoded(false));
    assertThat(key.curve()).contains("secp256k1");
    assertThat(key.weaknesses()).containsExactly(KeyWeakness.EC_UNKNOWN_CURVE);
    key =
        ec(
            "brainpoolP256r1",
            ECNamedCurveTable.getByName("brainpoolP256r1").getG().getEncoded(false));
    assertThat(key.curve()).contains("1.3.36.3.3.2.8.1.1.7");
    assertThat(key.weaknesses()).containsExactly(KeyWeakness.EC_UNKNOWN_CURVE);
  }

  private static KeyDescription ec(String curve, byte[] point) {
    return spki(
        DerWriter.sequence(
            DerWriter.oid("1.2.840.10045.2.1"),
            DerWriter.oid(ECNamedCurveTable.getOID(curve).getId())),
        point);
  }

  private static KeyDescription spki(byte[] algorithm, byte[] key) {
    return parsed(BASE.withRawKey(DerWriter.sequence(algorithm, DerWriter.bitString(key)))).key();
  }

  // ---- RSA

  private static KeyDescription rsa(BigInteger modulus, BigInteger exponent) {
    return parsed(BASE.withRawKey(rsaSpki(modulus, exponent))).key();
  }

  private static byte[] rsaSpki(BigInteger modulus, BigInteger exponent) {
    return DerWriter.sequence(
        DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.1"), DerWriter.nullValue()),
        DerWriter.bitString(
            DerWriter.sequence(DerWriter.integer(modulus), DerWriter.integer(exponent))));
  }

  private static BigInteger modulus() {
    return ((RSAPublicKey) TestKeys.rsa(2048).getPublic()).getModulus();
  }

  @ParameterizedTest
  @CsvSource({
    "1, RSA_EXPONENT_UNUSABLE",
    "2, RSA_EXPONENT_UNUSABLE",
    "3, RSA_EXPONENT_SMALL",
    "65535, RSA_EXPONENT_SMALL",
    "65536, RSA_EXPONENT_UNUSABLE",
    "65537, ",
    "65539, ",
    "2147483647, ",
    "2147483649, RSA_EXPONENT_LARGE",
  })
  void rsa_exponent_isJudged(BigInteger exponent, KeyWeakness weakness) {
    if (weakness == null) {
      assertThat(rsa(modulus(), exponent).weaknesses()).isEmpty();
    } else {
      assertThat(rsa(modulus(), exponent).weaknesses()).containsExactly(weakness);
    }
  }

  @Test
  void rsa_exponentNotBelowModulus_isUnusable() {
    assertThat(rsa(modulus(), modulus()).weaknesses()).contains(KeyWeakness.RSA_EXPONENT_UNUSABLE);
    assertThat(rsa(modulus(), modulus().subtract(BigInteger.TWO)).weaknesses())
        .doesNotContain(KeyWeakness.RSA_EXPONENT_UNUSABLE);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {2, 3, 5, 7, 11, 13, 29, 31, 37, 41, 167, 173, 509, 997, 1009, 1013, 1019, 1021})
  void rsa_smallFactor_isAWeakness(int factor) {
    BigInteger prime = BigInteger.probablePrime(504, new Random(factor));
    assertThat(rsa(prime.multiply(BigInteger.valueOf(factor)), F4).weaknesses())
        .containsExactly(KeyWeakness.RSA_SMALL_FACTOR);
  }

  @Test
  void rsa_factorAboveTheLimit_isNotLookedFor() {
    BigInteger prime = BigInteger.probablePrime(504, new Random(1));
    assertThat(rsa(prime.multiply(BigInteger.valueOf(1031)), F4).weaknesses()).isEmpty();
  }

  @Test
  void rsa_closePrimes_areAWeakness() {
    BigInteger p = BigInteger.probablePrime(1024, new Random(3));
    assertThat(rsa(p.multiply(p.nextProbablePrime()), F4).weaknesses())
        .containsExactly(KeyWeakness.RSA_CLOSE_PRIMES);
    assertThat(rsa(p.multiply(p), F4).weaknesses()).containsExactly(KeyWeakness.RSA_CLOSE_PRIMES);
  }

  /** A few hundred steps of 2^506 apart: beyond the first of Fermat's rounds, within the last. */
  @Test
  void rsa_primesOfLaterRound_areAWeakness() {
    BigInteger p = BigInteger.probablePrime(1024, new Random(3));
    // (q - p)² / 8p is the number of rounds: about ten for a difference of sqrt(80 p).
    BigInteger q = p.add(p.multiply(BigInteger.valueOf(80)).sqrt()).nextProbablePrime();
    assertThat(rsa(p.multiply(q), F4).weaknesses()).containsExactly(KeyWeakness.RSA_CLOSE_PRIMES);
  }

  /** The primes of the flawed library: k·M + (65537^a mod M), M the product of small primes. */
  @Test
  void rsa_rocaKey_bearsTheFingerprint() {
    BigInteger m = BigInteger.ONE;
    for (BigInteger p = BigInteger.TWO; p.intValue() <= 701; p = p.nextProbablePrime()) {
      m = m.multiply(p);
    }
    Random random = new Random(5);
    BigInteger modulus = rocaPrime(m, random).multiply(rocaPrime(m, random));
    assertThat(rsa(modulus, F4).weaknesses()).containsExactly(KeyWeakness.RSA_ROCA);
  }

  private static BigInteger rocaPrime(BigInteger m, Random random) {
    while (true) {
      BigInteger prime =
          new BigInteger(1024 - m.bitLength(), random)
              .setBit(1023 - m.bitLength())
              .multiply(m)
              .add(F4.modPow(new BigInteger(62, random), m));
      if (prime.isProbablePrime(50)) {
        return prime;
      }
    }
  }

  @Test
  void rsa_pssKey_isToldApart() {
    KeyDescription key =
        parsed(
                BASE.withRawKey(
                    DerWriter.sequence(
                        DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.10")),
                        DerWriter.bitString(
                            DerWriter.sequence(
                                DerWriter.integer(modulus()), DerWriter.integer(F4))))))
            .key();
    assertThat(key.algorithm()).isEqualTo(KeyAlgorithm.RSA_PSS);
    assertThat(key.bits()).isEqualTo(2048);
  }

  @Test
  void rsa_numbersAgree_withBouncyCastle() {
    RSAKeyParameters other = new RSAKeyParameters(false, modulus(), F4);
    assertThat(rsa(modulus(), F4).bits()).isEqualTo(other.getModulus().bitLength());
  }

  // ---- Edwards

  /** The eight points of small order as others publish them, and encodings that are none. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0200000000000000000000000000000000000000000000000000000000000000",
      })
  void ed25519_unusablePoint_isAWeakness(String hex) {
    assertThat(ed25519(hex).weaknesses()).containsExactly(KeyWeakness.EDWARDS_POINT_UNUSABLE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // the base point, and the first keys of RFC 8032, section 7.1
        "5866666666666666666666666666666666666666666666666666666666666666",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      })
  void ed25519_realKey_isSound(String hex) {
    assertThat(ed25519(hex).weaknesses()).isEmpty();
  }

  private static KeyDescription ed25519(String hex) {
    return spki(DerWriter.sequence(DerWriter.oid("1.3.101.112")), Bytes.fromHex(hex).toByteArray());
  }

  // ---- what is not a key

  @Test
  void other_algorithm_isDescribedByItsIdentifier() {
    KeyDescription key = spki(DerWriter.sequence(DerWriter.oid("1.3.101.113")), new byte[57]);
    assertThat(key.algorithm()).isEqualTo(KeyAlgorithm.OTHER);
    assertThat(key.algorithmOid()).isEqualTo("1.3.101.113");
    assertThat(key.bits()).isZero();
  }

  @Test
  void key_brokenStructure_isMalformed() {
    byte[] rsa = DerWriter.oid("1.2.840.113549.1.1.1");
    byte[] nul = DerWriter.nullValue();
    assertThat(badKey(DerWriter.sequence(rsa, nul), DerWriter.nullValue()))
        .isEqualTo("request.key.key: got NULL; want SEQUENCE");
    assertThat(badKey(DerWriter.sequence(rsa), new byte[0]))
        .isEqualTo("request.key.algorithm.parameters: got none; want NULL");
    assertThat(badKey(DerWriter.sequence(rsa, rsa), new byte[0]))
        .isEqualTo("request.key.algorithm.parameters: got OBJECT IDENTIFIER; want NULL");
    assertThat(
            badKey(
                DerWriter.sequence(rsa, nul),
                DerWriter.sequence(DerWriter.integer(-5), DerWriter.integer(3))))
        .isEqualTo("request.key.key.modulus: got a number below 1; want one above");
    assertThat(
            badKey(
                DerWriter.sequence(rsa, nul),
                DerWriter.sequence(DerWriter.integer(0), DerWriter.integer(3))))
        .isEqualTo("request.key.key.modulus: got a number below 1; want one above");
    assertThat(
            badKey(
                DerWriter.sequence(rsa, nul),
                DerWriter.sequence(DerWriter.integer(15), DerWriter.integer(0))))
        .isEqualTo("request.key.key.exponent: got a number below 1; want one above");
    assertThat(badKey(DerWriter.sequence(DerWriter.oid("1.2.840.10045.2.1")), new byte[1]))
        .isEqualTo("request.key.algorithm.parameters: got none; want the name of a curve");
    assertThat(badKey(DerWriter.sequence(DerWriter.oid("1.3.101.112"), nul), new byte[32]))
        .isEqualTo("request.key.algorithm.parameters: got NULL; want none");
    assertThat(badKey(DerWriter.sequence(DerWriter.oid("1.3.101.112")), new byte[31]))
        .isEqualTo("request.key.key: got 31 bytes; want 32");
    assertThat(malformed(BASE.withRawKey(DerWriter.sequence(rsa))))
        .isEqualTo("request.key: got 1 elements; want exactly 2");
  }

  private static String badKey(byte[] algorithm, byte[] key) {
    return malformed(BASE.withRawKey(DerWriter.sequence(algorithm, DerWriter.bitString(key))));
  }
}
