package dev.countersign.x509.key;

import dev.countersign.common.Bytes;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import dev.countersign.x509.der.DerWriter;
import dev.countersign.x509.pem.Pem;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.List;

/** The containers of private keys: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC1 (RFC 5915). */
final class PrivateKeyEncoding {
  static final String PKCS8_LABEL = "PRIVATE KEY";
  static final String PKCS1_LABEL = "RSA PRIVATE KEY";
  static final String SEC1_LABEL = "EC PRIVATE KEY";
  static final String EC_PARAMETERS_LABEL = "EC PARAMETERS";

  static final String RSA_OID = "1.2.840.113549.1.1.1";
  static final String EC_OID = "1.2.840.10045.2.1";
  static final String ED25519_OID = "1.3.101.112";

  private PrivateKeyEncoding() {}

  static String toPem(PrivateKey privateKey, PublicKey publicKey, PrivateKeyFormat format) {
    Bytes pkcs8 = Bytes.copyOf(privateKey.getEncoded());
    try {
      return switch (format) {
        case PKCS8 -> Pem.encode(PKCS8_LABEL, isEc(publicKey) ? ecPkcs8(pkcs8, publicKey) : pkcs8);
        case TRADITIONAL ->
            switch (publicKey.getAlgorithm()) {
              case "RSA" -> Pem.encode(PKCS1_LABEL, innerKey(pkcs8));
              case "EC" -> Pem.encode(SEC1_LABEL, sec1(pkcs8, publicKey));
              default -> Pem.encode(PKCS8_LABEL, pkcs8);
            };
      };
    } catch (DerException e) {
      throw new IllegalStateException("a provider encodes its keys in PKCS#8", e);
    }
  }

  private static boolean isEc(PublicKey publicKey) {
    return publicKey.getAlgorithm().equals("EC");
  }

  private static Bytes innerKey(Bytes pkcs8) throws DerException {
    return fields(pkcs8).get(2).contentOf("pkcs8.privateKey", DerTag.OCTET_STRING);
  }

  private static List<DerValue> fields(Bytes pkcs8) throws DerException {
    return DerValue.parse(pkcs8).childrenOf("pkcs8", DerTag.SEQUENCE, 3, 5);
  }

  /**
   * With the public key, as OpenSSL and Go write it; of Java's providers one does and one does not.
   */
  private static Bytes ecPkcs8(Bytes pkcs8, PublicKey publicKey) throws DerException {
    return Bytes.copyOf(
        DerWriter.sequence(
            DerWriter.integer(0),
            fields(pkcs8).get(1).encoded().toByteArray(),
            DerWriter.octetString(
                DerWriter.sequence(DerWriter.integer(1), scalar(pkcs8), point(publicKey)))));
  }

  /** ECPrivateKey with both optional fields, as OpenSSL and Go write it. */
  private static Bytes sec1(Bytes pkcs8, PublicKey publicKey) throws DerException {
    DerValue curve =
        fields(pkcs8).get(1).childrenOf("pkcs8.algorithm", DerTag.SEQUENCE, 2, 2).get(1);
    return Bytes.copyOf(
        DerWriter.sequence(
            DerWriter.integer(1),
            scalar(pkcs8),
            DerWriter.explicit(0, curve.encoded().toByteArray()),
            point(publicKey)));
  }

  private static byte[] scalar(Bytes pkcs8) throws DerException {
    return DerValue.parse(innerKey(pkcs8))
        .childrenOf("sec1", DerTag.SEQUENCE, 2, 4)
        .get(1)
        .encoded()
        .toByteArray();
  }

  private static byte[] point(PublicKey publicKey) throws DerException {
    DerValue bits =
        DerValue.parse(Bytes.copyOf(publicKey.getEncoded()))
            .childrenOf("spki", DerTag.SEQUENCE, 2, 2)
            .get(1);
    return DerWriter.explicit(1, bits.encoded().toByteArray());
  }
}
