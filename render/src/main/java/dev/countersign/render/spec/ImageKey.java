package dev.countersign.render.spec;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.x509.pem.Pem;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Objects;
import java.util.Optional;

/**
 * The public key that an image must be signed with.
 *
 * @param pem one block {@code PUBLIC KEY}, ECDSA on P-256
 */
public record ImageKey(String pem) {
  static final String WANT = "an ECDSA P-256 public key in PEM, as cosign.pub has it";

  private static final int FIELD_BITS = 256;

  public ImageKey {
    Objects.requireNonNull(pem, "pem");
  }

  static Optional<ImageKey> parse(String text) {
    if (Pem.parseOnly("PUBLIC KEY", text.strip() + "\n")
        instanceof ParseResult.Parsed<Bytes>(Bytes der)) {
      try {
        if (KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der.toByteArray()))
                instanceof ECPublicKey key
            && key.getParams().getCurve().getField().getFieldSize() == FIELD_BITS) {
          return Optional.of(new ImageKey(Pem.encode("PUBLIC KEY", der)));
        }
      } catch (GeneralSecurityException anotherKey) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }
}
