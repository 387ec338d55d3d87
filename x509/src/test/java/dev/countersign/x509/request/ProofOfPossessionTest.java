package dev.countersign.x509.request;

import static dev.countersign.x509.request.Requests.parsed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.Bytes;
import dev.countersign.testkit.CsrForge;
import dev.countersign.testkit.TestKeys;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import dev.countersign.x509.der.DerWriter;
import dev.countersign.x509.request.ProofOfPossession.Proven;
import dev.countersign.x509.request.ProofOfPossession.Refuted;
import dev.countersign.x509.request.ProofOfPossession.Unverifiable;
import java.math.BigInteger;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProofOfPossessionTest {
  private static final CsrForge BASE = CsrForge.serving("a");

  private static KeyPair keys(String name) {
    return switch (name) {
      case "P-256" -> TestKeys.p256();
      case "P-384" -> TestKeys.p384();
      case "P-521" -> TestKeys.p521();
      case "Ed25519" -> TestKeys.ed25519();
      default -> TestKeys.rsa(2048);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "P-256, SHA256withECDSA, ECDSA_SHA256, false",
    "P-384, SHA384withECDSA, ECDSA_SHA384, false",
    "P-521, SHA512withECDSA, ECDSA_SHA512, false",
    "P-256, SHA1withECDSA, ECDSA_SHA1, true",
    "Ed25519, Ed25519, ED25519, false",
    "RSA, MD5withRSA, RSA_PKCS1_MD5, true",
    "RSA, SHA1withRSA, RSA_PKCS1_SHA1, true",
    "RSA, SHA256withRSA, RSA_PKCS1_SHA256, false",
    "RSA, SHA384withRSA, RSA_PKCS1_SHA384, false",
    "RSA, SHA512withRSA, RSA_PKCS1_SHA512, false",
    "RSA, SHA256withRSAandMGF1, RSA_PSS_SHA256, false",
    "RSA, SHA384withRSAandMGF1, RSA_PSS_SHA384, false",
    "RSA, SHA512withRSAandMGF1, RSA_PSS_SHA512, false",
  })
  void signature_ofEachScheme_isProvenOrRefuted(
      String key, String name, SignatureScheme scheme, boolean weak) {
    CsrForge forge = BASE.withKey(keys(key)).withSignature(name);
    CertificateRequest request = parsed(forge);
    assertThat(request.proofOfPossession()).isEqualTo(new Proven(scheme));
    assertThat(request.proofOfPossession()).isSameAs(request.proofOfPossession());
    assertThat(scheme.weakDigest()).isEqualTo(weak);
    assertThat(parsed(forge.withBrokenSignature()).proofOfPossession())
        .isEqualTo(new Refuted(scheme));
  }

  @Test
  void signature_byAnotherKey_isRefuted() {
    assertThat(parsed(BASE.signedBy(TestKeys.otherP256().getPrivate())).proofOfPossession())
        .isEqualTo(new Refuted(SignatureScheme.ECDSA_SHA256));
  }

  @Test
  void signature_empty_isRefuted() {
    assertThat(parsed(BASE.withSignatureBytes(s -> new byte[0])).proofOfPossession())
        .isEqualTo(new Refuted(SignatureScheme.ECDSA_SHA256));
    assertThat(
            parsed(BASE.withKey(keys("RSA")).withSignatureBytes(s -> new byte[0]))
                .proofOfPossession())
        .isEqualTo(new Refuted(SignatureScheme.RSA_PKCS1_SHA256));
  }

  @Test
  void ecdsa_signatureNotDer_isRefuted() {
    assertThat(
            parsed(BASE.withSignatureBytes(s -> Arrays.copyOf(s, s.length + 1)))
                .proofOfPossession())
        .isEqualTo(new Refuted(SignatureScheme.ECDSA_SHA256));
    assertThat(
            parsed(
                    BASE.withSignatureBytes(
                        s -> DerWriter.sequence(DerWriter.integer(0), DerWriter.integer(0))))
                .proofOfPossession())
        .isEqualTo(new Refuted(SignatureScheme.ECDSA_SHA256));
    assertThat(
            parsed(BASE.withSignatureBytes(s -> DerWriter.sequence(DerWriter.integer(1))))
                .proofOfPossession())
        .isEqualTo(new Refuted(SignatureScheme.ECDSA_SHA256));
  }

  @Test
  void algorithm_unknown_isUnverifiable() {
    CertificateRequest request = parsed(BASE.withSignature("SHA224withECDSA"));
    assertThat(request.proofOfPossession())
        .isEqualTo(
            new Unverifiable(
                "1.2.840.10045.4.3.1",
                "an unknown signature algorithm, or parameters it must not have"));
  }

  @Test
  void algorithm_withWrongParameters_isUnverifiable() {
    assertUnverifiable(BASE, DerWriter.oid("1.2.840.10045.4.3.2"), DerWriter.nullValue());
    assertUnverifiable(BASE.withKey(keys("RSA")), DerWriter.oid("1.2.840.113549.1.1.11"));
    assertUnverifiable(
        BASE.withKey(keys("Ed25519")), DerWriter.oid("1.3.101.112"), DerWriter.nullValue());
    assertUnverifiable(BASE.withKey(keys("RSA")), DerWriter.oid("1.2.840.113549.1.1.10"));
    assertUnverifiable(
        BASE.withKey(keys("RSA")), DerWriter.oid("1.2.840.113549.1.1.10"), DerWriter.sequence());
  }

  private static void assertUnverifiable(CsrForge forge, byte[]... algorithm) {
    assertThat(withAlgorithm(forge, algorithm).proofOfPossession())
        .isInstanceOfSatisfying(
            Unverifiable.class, u -> assertThat(u.why()).contains("unknown signature algorithm"));
  }

  @Test
  void pss_digestWithoutParameters_isProven() {
    byte[] digest = DerWriter.sequence(DerWriter.oid("2.16.840.1.101.3.4.2.1"));
    CertificateRequest request =
        withAlgorithm(
            BASE.withKey(keys("RSA")).withSignature("SHA256withRSAandMGF1"),
            DerWriter.oid("1.2.840.113549.1.1.10"),
            DerWriter.sequence(
                DerWriter.explicit(0, digest),
                DerWriter.explicit(
                    1, DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.8"), digest)),
                DerWriter.explicit(2, DerWriter.integer(32))));
    assertThat(request.proofOfPossession()).isEqualTo(new Proven(SignatureScheme.RSA_PSS_SHA256));
  }

  private static CertificateRequest withAlgorithm(CsrForge forge, byte[]... algorithm) {
    return parsed(
        forge.withDer(
            der -> {
              try {
                var parts = DerValue.parse(Bytes.copyOf(der)).children();
                return DerWriter.sequence(
                    parts.get(0).encoded().toByteArray(),
                    DerWriter.sequence(algorithm),
                    parts.get(2).encoded().toByteArray());
              } catch (DerException e) {
                throw new AssertionError(e);
              }
            }));
  }

  @ParameterizedTest
  @CsvSource({
    "P-256, Ed25519",
    "P-256, RSA",
    "RSA, P-256",
    "Ed25519, P-256",
    "P-256, RSA-PSS",
  })
  void algorithm_ofAnotherKind_isUnverifiable(String key, String algorithm) {
    byte[][] identifier =
        switch (algorithm) {
          case "Ed25519" -> new byte[][] {DerWriter.oid("1.3.101.112")};
          case "RSA" ->
              new byte[][] {DerWriter.oid("1.2.840.113549.1.1.11"), DerWriter.nullValue()};
          case "P-256" -> new byte[][] {DerWriter.oid("1.2.840.10045.4.3.2")};
          default -> {
            byte[] digest =
                DerWriter.sequence(DerWriter.oid("2.16.840.1.101.3.4.2.1"), DerWriter.nullValue());
            yield new byte[][] {
              DerWriter.oid("1.2.840.113549.1.1.10"),
              DerWriter.sequence(
                  DerWriter.explicit(0, digest),
                  DerWriter.explicit(
                      1, DerWriter.sequence(DerWriter.oid("1.2.840.113549.1.1.8"), digest)),
                  DerWriter.explicit(2, DerWriter.integer(32)))
            };
          }
        };
    assertThat(withAlgorithm(BASE.withKey(keys(key)), identifier).proofOfPossession())
        .isInstanceOfSatisfying(
            Unverifiable.class, u -> assertThat(u.why()).contains(" does not go with a key of "));
  }

  @Test
  void key_unusable_isUnverifiable() {
    byte[] compressed =
        DerWriter.sequence(
            DerWriter.sequence(
                DerWriter.oid("1.2.840.10045.2.1"), DerWriter.oid("1.2.840.10045.3.1.7")),
            DerWriter.bitString(new byte[] {2, 1}));
    assertThat(parsed(BASE.withRawKey(compressed)).proofOfPossession())
        .isEqualTo(new Unverifiable("1.2.840.10045.4.3.2", "the key is unusable"));
  }

  @Test
  void key_enormous_isNotTried() {
    assertThat(rsaOfBits(8193).proofOfPossession())
        .isEqualTo(new Unverifiable("1.2.840.113549.1.1.11", "the key has more than 8192 bits"));
    assertThat(rsaOfBits(8192).proofOfPossession())
        .isEqualTo(new Refuted(SignatureScheme.RSA_PKCS1_SHA256));
  }

  @Test
  void key_tiny_isUnverifiable() {
    assertThat(rsaOfBits(256).proofOfPossession())
        .isEqualTo(new Unverifiable("1.2.840.113549.1.1.11", "the key is refused by the verifier"));
  }

  private static CertificateRequest rsaOfBits(int bits) {
    BigInteger modulus = BigInteger.ONE.shiftLeft(bits - 1).add(BigInteger.valueOf(65539));
    return parsed(
        BASE.withKey(keys("RSA"))
            .withRawKey(
                DerWriter.sequence(
                    DerWriter.sequence(
                        DerWriter.oid("1.2.840.113549.1.1.1"), DerWriter.nullValue()),
                    DerWriter.bitString(
                        DerWriter.sequence(
                            DerWriter.integer(modulus), DerWriter.integer(65537))))));
  }

  /** Two numbers in another form than DER's only one, as Go's crypto/x509 refuses them. */
  @ParameterizedTest
  @ValueSource(
      strings = {"long length", "zero before", "negative", "indefinite", "third number", "set"})
  void ecdsa_rightNumbersInAnotherEncoding_areRefuted(String form) {
    UnaryOperator<byte[]> change =
        der -> {
          List<DerValue> numbers = children(der);
          byte[] r = numbers.get(0).content().toByteArray();
          byte[] s = numbers.get(1).content().toByteArray();
          byte[] inside = Arrays.copyOfRange(der, 2, der.length);
          byte[] zero = new byte[r.length + 1];
          System.arraycopy(r, 0, zero, 1, r.length);
          return switch (form) {
            case "long length" ->
                Bytes.fromHex("3081" + Bytes.copyOf(der).toHex().substring(2)).toByteArray();
            case "zero before" ->
                DerWriter.sequence(
                    DerWriter.tagged(DerTag.INTEGER, zero), DerWriter.tagged(DerTag.INTEGER, s));
            case "negative" ->
                DerWriter.sequence(
                    DerWriter.integer(new BigInteger(r).subtract(P256_ORDER)),
                    DerWriter.tagged(DerTag.INTEGER, s));
            case "indefinite" ->
                Bytes.fromHex("3080" + Bytes.copyOf(inside).toHex() + "0000").toByteArray();
            case "third number" ->
                DerWriter.sequence(
                    DerWriter.tagged(DerTag.INTEGER, r),
                    DerWriter.tagged(DerTag.INTEGER, s),
                    DerWriter.integer(1));
            default -> Bytes.fromHex("31" + Bytes.copyOf(der).toHex().substring(2)).toByteArray();
          };
        };
    assertThat(parsed(BASE.withSignatureBytes(change)).proofOfPossession())
        .isEqualTo(new Refuted(SignatureScheme.ECDSA_SHA256));
  }

  private static final BigInteger P256_ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private static List<DerValue> children(byte[] der) {
    try {
      return DerValue.parse(Bytes.copyOf(der)).children();
    } catch (DerException e) {
      throw new AssertionError(e);
    }
  }
}
