package dev.countersign.image.sign;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Digest;
import dev.countersign.x509.pem.Pem;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;

/** A public key as cosign writes it: ECDSA P-256, in PEM. Immutable. */
public final class CosignPublicKey {
  private static final int FIELD_BITS = 256;

  private final PublicKey key;
  private final Bytes der;

  private CosignPublicKey(PublicKey key, Bytes der) {
    this.key = key;
    this.der = der;
  }

  /**
   * Reads a key.
   *
   * @param name the file, for messages
   * @throws ImageException where it is none of this kind
   */
  public static CosignPublicKey parse(String name, String pem) {
    if (Pem.parseOnly("PUBLIC KEY", pem.strip() + "\n")
        instanceof ParseResult.Parsed<Bytes>(Bytes der)) {
      try {
        return ofDer(der.toByteArray());
      } catch (IllegalArgumentException unreadable) {
        throw (ImageException)
            new ImageException(name, "a key of another kind", "ECDSA P-256").initCause(unreadable);
      }
    }
    throw new ImageException(
        name, "another kind of file", "a public key (BEGIN PUBLIC KEY), such as cosign.pub");
  }

  static CosignPublicKey ofDer(byte[] der) {
    try {
      PublicKey key = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
      if (key instanceof ECPublicKey ec
          && ec.getParams().getCurve().getField().getFieldSize() == FIELD_BITS) {
        return new CosignPublicKey(key, Bytes.copyOf(der));
      }
      throw new IllegalArgumentException("want ECDSA P-256");
    } catch (GeneralSecurityException unreadable) {
      throw new IllegalArgumentException("want ECDSA P-256", unreadable);
    }
  }

  /** What sigstore's bundles name the key by: its SHA-256. */
  String hint() {
    return Base64.getEncoder()
        .encodeToString(HexFormat.of().parseHex(Digest.ofSha256(der.toByteArray()).hex()));
  }

  /** Whether the signature is this key's of the message. */
  boolean verifies(byte[] message, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance("SHA256withECDSA");
      verifier.initVerify(key);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (SignatureException malformed) {
      return false;
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("ECDSA must be part of every Java runtime", missing);
    }
  }
}
