package dev.countersign.image.sign;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.image.ImageException;
import dev.countersign.image.plan.Digest;
import dev.countersign.x509.key.P256PublicKey;
import dev.countersign.x509.pem.Pem;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Base64;
import java.util.HexFormat;

/** A public key as cosign writes it: ECDSA P-256, in PEM. Immutable. */
public final class CosignPublicKey {
  private final P256PublicKey key;

  CosignPublicKey(P256PublicKey key) {
    this.key = key;
  }

  /**
   * Reads a key.
   *
   * @param name the file, for messages
   * @throws ImageException where it is none of this kind
   */
  public static CosignPublicKey parse(String name, String pem) {
    if (Pem.parseOnly(P256PublicKey.LABEL, pem.strip() + "\n")
        instanceof ParseResult.Parsed<Bytes>(Bytes der)) {
      return P256PublicKey.ofDer(der)
          .map(CosignPublicKey::new)
          .orElseThrow(() -> new ImageException(name, "a key of another kind", "ECDSA P-256"));
    }
    throw new ImageException(
        name, "another kind of file", "a public key (BEGIN PUBLIC KEY), such as cosign.pub");
  }

  /** What sigstore's bundles name the key by: its SHA-256. */
  String hint() {
    return Base64.getEncoder()
        .encodeToString(HexFormat.of().parseHex(Digest.ofSha256(key.der().toByteArray()).hex()));
  }

  /** Whether the signature is this key's of the message. */
  boolean verifies(byte[] message, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance("SHA256withECDSA");
      verifier.initVerify(key.key());
      verifier.update(message);
      return verifier.verify(signature);
    } catch (SignatureException malformed) {
      return false;
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("ECDSA must be part of every Java runtime", missing);
    }
  }
}
