package dev.countersign.render.spec;

import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.x509.key.P256PublicKey;
import dev.countersign.x509.pem.Pem;
import java.util.Objects;
import java.util.Optional;

/**
 * The public key that an image must be signed with.
 *
 * @param pem one block {@code PUBLIC KEY}, ECDSA on P-256
 */
public record ImageKey(String pem) {
  static final String WANT = "an ECDSA P-256 public key in PEM, as cosign.pub has it";

  public ImageKey {
    Objects.requireNonNull(pem, "pem");
  }

  static Optional<ImageKey> parse(String text) {
    return Pem.parseOnly(P256PublicKey.LABEL, text.strip() + "\n")
            instanceof ParseResult.Parsed<Bytes>(Bytes der)
        ? P256PublicKey.ofDer(der).map(key -> new ImageKey(key.toPem()))
        : Optional.empty();
  }
}
