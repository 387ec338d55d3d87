package dev.countersign.x509.key;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import dev.countersign.x509.der.DerWriter;
import dev.countersign.x509.pem.Pem;
import dev.countersign.x509.request.KeyAlgorithm;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PrivateKeysTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final SecretAccess ACCESS = SecretAccess.because("compared by a test");
  private static final Map<KeySpec, KeyPair> PAIRS = new ConcurrentHashMap<>();
  private static final byte[] P256 = DerWriter.oid("1.2.840.10045.3.1.7");

  private static KeyPair pair(KeySpec spec) {
    return PAIRS.computeIfAbsent(spec, s -> KeyPair.generate(s, RANDOM));
  }

  private static String pem(KeySpec spec, PrivateKeyFormat format) {
    return pair(spec).privateKeyPem(format).reveal(ACCESS);
  }

  private static ParseResult<KeyPair> parse(String pem) {
    return PrivateKeys.parsePem(SecretText.of(pem));
  }

  private static String message(String pem) {
    return switch (parse(pem)) {
      case ParseResult.Parsed<KeyPair> read -> throw new AssertionError("was read: " + read);
      case ParseResult.Refused<KeyPair> unreadable -> unreadable.message();
    };
  }

  @ParameterizedTest
  @EnumSource(
      names = {"RSA_3072", "RSA_4096"},
      mode = EnumSource.Mode.EXCLUDE)
  void parsePem_whatWasWritten_isTheSameKey(KeySpec spec) {
    for (PrivateKeyFormat format : PrivateKeyFormat.values()) {
      KeyPair read = parse(pem(spec, format)).orThrow();
      assertThat(read.description()).isEqualTo(pair(spec).description());
      for (PrivateKeyFormat either : PrivateKeyFormat.values()) {
        assertThat(read.privateKeyPem(either).reveal(ACCESS)).isEqualTo(pem(spec, either));
      }
      assertThat(read.publicKeyPem()).isEqualTo(pair(spec).publicKeyPem());
    }
  }

  /** Making such a key takes seconds, which mutation testing spares itself. */
  @Test
  @Tag("large-keys")
  void rsaKeyOf3072Bits_isReadAndWrittenLikeAnyOther() {
    parsePem_whatWasWritten_isTheSameKey(KeySpec.RSA_3072);
    privateKeyPem_format_hasItsLabel(
        KeySpec.RSA_3072, PrivateKeyFormat.TRADITIONAL, "RSA PRIVATE KEY", 3072);
  }

  @ParameterizedTest
  @CsvSource({
    "RSA_2048, PKCS8, PRIVATE KEY, 2048",
    "RSA_2048, TRADITIONAL, RSA PRIVATE KEY, 2048",
    "ECDSA_P256, PKCS8, PRIVATE KEY, 256",
    "ECDSA_P384, TRADITIONAL, EC PRIVATE KEY, 384",
    "ECDSA_P521, TRADITIONAL, EC PRIVATE KEY, 521",
    "ED25519, TRADITIONAL, PRIVATE KEY, 256",
  })
  void privateKeyPem_format_hasItsLabel(
      KeySpec spec, PrivateKeyFormat format, String label, int bits) {
    assertThat(pem(spec, format)).startsWith("-----BEGIN " + label + "-----\n");
    assertThat(pair(spec).publicKeyPem()).startsWith("-----BEGIN PUBLIC KEY-----\n");
    assertThat(pair(spec).description().bits()).isEqualTo(bits);
  }

  @ParameterizedTest
  @EnumSource(names = {"RSA_2048", "ECDSA_P256", "ECDSA_P521"})
  void privateKeyPem_traditional_isReadByBouncyCastle(KeySpec spec) throws IOException {
    try (PEMParser parser =
        new PEMParser(new StringReader(pem(spec, PrivateKeyFormat.TRADITIONAL)))) {
      PEMKeyPair read = (PEMKeyPair) parser.readObject();
      assertThat(read.getPublicKeyInfo().getEncoded())
          .isEqualTo(pair(spec).description().spki().toByteArray());
    }
    try (PEMParser parser = new PEMParser(new StringReader(pem(spec, PrivateKeyFormat.PKCS8)))) {
      assertThat(parser.readObject()).isInstanceOf(PrivateKeyInfo.class);
    }
  }

  @Test
  void parsePem_parametersBefore_areSkippedWhereTheyAgree() {
    String parameters = Pem.encode("EC PARAMETERS", Bytes.copyOf(P256));
    KeyPair read =
        parse(parameters + pem(KeySpec.ECDSA_P256, PrivateKeyFormat.TRADITIONAL)).orThrow();
    assertThat(read.description()).isEqualTo(pair(KeySpec.ECDSA_P256).description());
    assertThat(message(parameters + pem(KeySpec.ECDSA_P384, PrivateKeyFormat.TRADITIONAL)))
        .isEqualTo("key.parameters: got two different curves; want one");
  }

  @Test
  void parsePem_curveOnlyInParameters_isRead() {
    String bare = sec1(1, scalar("07"));
    KeyPair read = parse(Pem.encode("EC PARAMETERS", Bytes.copyOf(P256)) + bare).orThrow();
    assertThat(read.description().algorithm()).isEqualTo(KeyAlgorithm.ECDSA);
    // 7·G on P-256, as published with the curve's test vectors
    assertThat(read.description().publicKeyBits().toHex())
        .startsWith("048e533b6fa0bf7b4625bb30667c01fb607ef9f8b8a80fef5b300628703187b2a3");
    assertThat(message(bare))
        .isEqualTo("key.parameters: got no curve; want its name, or a block EC PARAMETERS");
  }

  private static byte[] scalar(String end) {
    return Bytes.fromHex("00".repeat(32 - end.length() / 2) + end).toByteArray();
  }

  private static String sec1(int version, byte[] scalar) {
    return Pem.encode(
        "EC PRIVATE KEY",
        Bytes.copyOf(
            DerWriter.sequence(DerWriter.integer(version), DerWriter.octetString(scalar))));
  }

  @Test
  void parsePem_badScalarOrVersion_isRefused() {
    String parameters = Pem.encode("EC PARAMETERS", Bytes.copyOf(P256));
    assertThat(message(parameters + sec1(1, scalar("00")))).startsWith("key");
    assertThat(
            message(
                parameters
                    + sec1(
                        1,
                        Bytes.fromHex(
                                "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
                            .toByteArray())))
        .startsWith("key");
    assertThat(message(parameters + sec1(2, scalar("07"))))
        .isEqualTo("key.version: got another number; want 1");
    assertThat(
            message(
                Pem.encode("EC PARAMETERS", Bytes.copyOf(DerWriter.sequence()))
                    + sec1(1, scalar("07"))))
        .isEqualTo("key.parameters: got explicit parameters; want the name of a curve");
    assertThat(
            message(
                Pem.encode("EC PARAMETERS", Bytes.copyOf(DerWriter.oid("1.3.132.0.10")))
                    + sec1(1, scalar("07"))))
        .isEqualTo("key: got an EC key that the JDK refuses; want one on P-256, P-384 or P-521");
  }

  @Test
  void parsePem_combinedFile_skipsCertificates() {
    String certificate = Pem.encode("CERTIFICATE", Bytes.fromHex("3000"));
    String publicKey = pair(KeySpec.ED25519).publicKeyPem();
    assertThat(
            parse(certificate + publicKey + pem(KeySpec.ED25519, PrivateKeyFormat.PKCS8))
                .orThrow()
                .description())
        .isEqualTo(pair(KeySpec.ED25519).description());
  }

  @Test
  void parsePem_numberOfKeys_mustBeOne() {
    String want = "; want one private key: PKCS#8, PKCS#1 or SEC1, not encrypted";
    String key = pem(KeySpec.ED25519, PrivateKeyFormat.PKCS8);
    assertThat(message("")).isEqualTo("key: got 0 private keys" + want);
    assertThat(message(key + key)).isEqualTo("key: got 2 private keys" + want);
    assertThat(message(Pem.encode("ENCRYPTED PRIVATE KEY", Bytes.fromHex("3000"))))
        .isEqualTo("key: got a block \"ENCRYPTED PRIVATE KEY\"" + want);
    assertThat(message(key.replace("-----END", "----END"))).startsWith("pem line ");
  }

  @Test
  void parsePem_otherAlgorithm_isRefused() {
    assertThat(message(pkcs8("1.3.101.110", DerWriter.octetString(new byte[32]))))
        .isEqualTo("key.algorithm: got 1.3.101.110; want RSA, EC or Ed25519");
    assertThat(message(pkcs8("1.3.101.112", DerWriter.octetString(new byte[31]))))
        .isEqualTo("key.privateKey: got 31 bytes; want 32");
    assertThat(message(pkcs8("1.2.840.10045.2.1", DerWriter.sequence())))
        .isEqualTo("key: got 0 elements; want 2 to 4");
  }

  private static String pkcs8(String oid, byte[] key) {
    return Pem.encode(
        "PRIVATE KEY",
        Bytes.copyOf(
            DerWriter.sequence(
                DerWriter.integer(0),
                DerWriter.sequence(DerWriter.oid(oid)),
                DerWriter.octetString(key))));
  }

  @Test
  void parsePem_rsaHalvesThatDoNotBelongTogether_areRefused() {
    byte[][] numbers = new byte[9][];
    for (int i = 0; i < 9; i++) {
      numbers[i] =
          DerWriter.integer(BigInteger.ONE.shiftLeft(i == 1 ? 2047 : 1000).add(BigInteger.ONE));
    }
    numbers[0] = DerWriter.integer(0);
    numbers[2] = DerWriter.integer(65537);
    assertThat(message(Pem.encode("RSA PRIVATE KEY", Bytes.copyOf(DerWriter.sequence(numbers)))))
        .startsWith("key: got ");
    assertThat(message(Pem.encode("RSA PRIVATE KEY", Bytes.copyOf(DerWriter.sequence()))))
        .isEqualTo("key: got 0 elements; want exactly 9");
  }

  @Test
  void toString_containsNoSecret() {
    KeyPair pair = pair(KeySpec.ED25519);
    assertThat(pair).hasToString("KeyPair[EdDSA, private half redacted]");
    assertThat(pair.privateKeyPem(PrivateKeyFormat.PKCS8)).hasToString("SecretText[redacted]");
    assertThat(parse(pem(KeySpec.ED25519, PrivateKeyFormat.PKCS8)).toString())
        .doesNotContain("PRIVATE");
  }

  @Test
  void equals_sameKey_isNotEqual() {
    String pem = pem(KeySpec.ED25519, PrivateKeyFormat.PKCS8);
    assertThat(parse(pem).orThrow()).isNotEqualTo(parse(pem).orThrow());
  }

  /** The generator, twice the generator, and its mirror image, as published with the curve. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000000000000000000000000000000000000000000000000001,"
        + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    "0000000000000000000000000000000000000000000000000000000000000002,"
        + "7cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978"
        + "07775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1",
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550,"
        + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        + "b01cbd1c01e58065711814b583f061e9d431cca994cea1313449bf97c840ae0a",
  })
  void parsePem_scalarsAtTheEdges_giveTheirPoints(String scalar, String point) {
    String pem =
        Pem.encode("EC PARAMETERS", Bytes.copyOf(P256))
            + sec1(1, Bytes.fromHex(scalar).toByteArray());

    assertThat(parse(pem).orThrow().description().publicKeyBits().toHex()).isEqualTo("04" + point);
  }
}
