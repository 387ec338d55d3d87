package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import java.math.BigInteger;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a SubjectPublicKeyInfo (RFC 5280, RFC 3279, RFC 5480, RFC 8410). */
final class PublicKeyReader {
  static final String RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
  static final String RSASSA_PSS = "1.2.840.113549.1.1.10";
  static final String EC_PUBLIC_KEY = "1.2.840.10045.2.1";
  static final String ED25519 = "1.3.101.112";

  private PublicKeyReader() {}

  static KeyDescription read(String path, DerValue spki) throws DerException {
    List<DerValue> fields = spki.childrenOf(path, DerTag.SEQUENCE, 2, 2);
    String algorithmPath = path + ".algorithm";
    List<DerValue> algorithm = fields.get(0).childrenOf(algorithmPath, DerTag.SEQUENCE, 1, 2);
    String oid = algorithm.get(0).oid(algorithmPath);
    Optional<DerValue> parameters =
        algorithm.size() == 2 ? Optional.of(algorithm.get(1)) : Optional.empty();
    Bytes key = fields.get(1).octetsOfBitString(path + ".key");
    Bytes encoded = spki.encoded();
    return switch (oid) {
      case RSA_ENCRYPTION -> {
        if (parameters.isEmpty() || !parameters.get().is(DerTag.NULL)) {
          throw new DerException(
              algorithmPath + ".parameters", parameters.map(DerValue::kind).orElse("none"), "NULL");
        }
        yield rsa(path, KeyAlgorithm.RSA, oid, key, encoded);
      }
      case RSASSA_PSS -> rsa(path, KeyAlgorithm.RSA_PSS, oid, key, encoded);
      case EC_PUBLIC_KEY -> ec(algorithmPath, oid, parameters, key, encoded);
      case ED25519 -> {
        if (parameters.isPresent()) {
          throw new DerException(algorithmPath + ".parameters", parameters.get().kind(), "none");
        }
        if (key.size() != 32) {
          throw new DerException(path + ".key", key.size() + " bytes", "32");
        }
        yield new KeyDescription(
            KeyAlgorithm.ED25519,
            oid,
            256,
            Optional.empty(),
            encoded,
            EdwardsPoint.isUsable(key) ? Set.of() : Set.of(KeyWeakness.EDWARDS_POINT_UNUSABLE));
      }
      default ->
          new KeyDescription(KeyAlgorithm.OTHER, oid, 0, Optional.empty(), encoded, Set.of());
    };
  }

  private static KeyDescription rsa(
      String path, KeyAlgorithm algorithm, String oid, Bytes key, Bytes encoded)
      throws DerException {
    String keyPath = path + ".key";
    List<DerValue> numbers =
        DerValue.parse(keyPath, key).childrenOf(keyPath, DerTag.SEQUENCE, 2, 2);
    BigInteger modulus = numbers.get(0).integer(keyPath + ".modulus");
    BigInteger exponent = numbers.get(1).integer(keyPath + ".exponent");
    if (modulus.signum() <= 0) {
      throw new DerException(keyPath + ".modulus", "a number below 1", "one above");
    }
    if (exponent.signum() <= 0) {
      throw new DerException(keyPath + ".exponent", "a number below 1", "one above");
    }
    return new KeyDescription(
        algorithm,
        oid,
        modulus.bitLength(),
        Optional.empty(),
        encoded,
        RsaWeaknesses.of(modulus, exponent));
  }

  private static KeyDescription ec(
      String path, String oid, Optional<DerValue> parameters, Bytes point, Bytes encoded)
      throws DerException {
    if (parameters.isEmpty()) {
      throw new DerException(path + ".parameters", "none", "the name of a curve");
    }
    if (!parameters.get().is(DerTag.OBJECT_IDENTIFIER)) {
      return new KeyDescription(
          KeyAlgorithm.ECDSA,
          oid,
          0,
          Optional.empty(),
          encoded,
          Set.of(KeyWeakness.EC_EXPLICIT_PARAMETERS));
    }
    String curveOid = parameters.get().oid(path + ".parameters");
    Optional<PrimeCurve> curve = PrimeCurve.ofOid(curveOid);
    if (curve.isEmpty()) {
      return new KeyDescription(
          KeyAlgorithm.ECDSA,
          oid,
          0,
          Optional.of(curveOid.equals("1.3.132.0.10") ? "secp256k1" : curveOid),
          encoded,
          Set.of(KeyWeakness.EC_UNKNOWN_CURVE));
    }
    EnumSet<KeyWeakness> weaknesses = EnumSet.noneOf(KeyWeakness.class);
    int octets = curve.get().octets();
    if (point.size() != 1 + 2 * octets || point.at(0) != 4) {
      weaknesses.add(KeyWeakness.EC_POINT_NOT_UNCOMPRESSED);
    } else if (!curve
        .get()
        .contains(point.unsigned(1, 1 + octets), point.unsigned(1 + octets, 1 + 2 * octets))) {
      weaknesses.add(KeyWeakness.EC_POINT_NOT_ON_CURVE);
    }
    return new KeyDescription(
        KeyAlgorithm.ECDSA,
        oid,
        curve.get().bits(),
        Optional.of(curve.get().displayName()),
        encoded,
        weaknesses);
  }
}
