package dev.countersign.x509.key;

import dev.countersign.common.Bytes;
import dev.countersign.x509.pem.Pem;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Objects;
import java.util.Optional;

/**
 * An ECDSA P-256 public key, the kind that cosign writes.
 *
 * @param der its SubjectPublicKeyInfo
 */
public record P256PublicKey(ECPublicKey key, Bytes der) {
  /** The label of its PEM block. */
  public static final String LABEL = "PUBLIC KEY";

  private static final int FIELD_BITS = 256;

  public P256PublicKey {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(der, "der");
  }

  /** Reads a SubjectPublicKeyInfo; empty where it is none, or one of another kind. */
  public static Optional<P256PublicKey> ofDer(Bytes der) {
    try {
      return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der.toByteArray()))
                  instanceof ECPublicKey key
              && key.getParams().getCurve().getField().getFieldSize() == FIELD_BITS
          ? Optional.of(new P256PublicKey(key, der))
          : Optional.empty();
    } catch (GeneralSecurityException anotherKind) {
      return Optional.empty();
    }
  }

  /** The one block of PEM, with a line break at its end. */
  public String toPem() {
    return Pem.encode(LABEL, der);
  }
}
