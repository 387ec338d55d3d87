package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import java.security.PublicKey;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A public key as it stands in a request or certificate.
 *
 * @param algorithm what it is for
 * @param algorithmOid the identifier of the algorithm, in dotted form
 * @param bits size of the modulus or of the curve's field; 256 for Ed25519; 0 where not known
 * @param curve the curve's name where it has one that is known, such as {@code P-256}, {@code
 *     secp256k1}; otherwise its identifier in dotted form; empty for other algorithms and explicit
 *     parameters
 * @param spki the whole SubjectPublicKeyInfo in DER
 * @param weaknesses everything that makes it unfit
 */
public record KeyDescription(
    KeyAlgorithm algorithm,
    String algorithmOid,
    int bits,
    Optional<String> curve,
    Bytes spki,
    Set<KeyWeakness> weaknesses) {
  public KeyDescription {
    Objects.requireNonNull(algorithm, "algorithm");
    Objects.requireNonNull(algorithmOid, "algorithmOid");
    Objects.requireNonNull(curve, "curve");
    Objects.requireNonNull(spki, "spki");
    weaknesses = Set.copyOf(weaknesses);
    if (bits < 0) {
      throw new IllegalArgumentException("bits: got " + bits + "; want 0 or more");
    }
  }

  /**
   * Reads a SubjectPublicKeyInfo.
   *
   * @param path where it stands, for the error
   */
  public static KeyDescription read(String path, DerValue spki) throws DerException {
    return PublicKeyReader.read(path, spki);
  }

  /** Reads the key of a {@code java.security} object. */
  public static KeyDescription of(PublicKey key) {
    try {
      return read("key", DerValue.parse("key", Bytes.copyOf(key.getEncoded())));
    } catch (DerException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** The content of the subjectPublicKey BIT STRING, which key identifiers are made of. */
  public Bytes publicKeyBits() {
    try {
      return DerValue.parse(spki)
          .childrenOf("key", DerTag.SEQUENCE, 2, 2)
          .get(1)
          .octetsOfBitString("key");
    } catch (DerException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
