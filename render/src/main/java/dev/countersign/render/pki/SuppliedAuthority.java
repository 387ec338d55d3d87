package dev.countersign.render.pki;

import dev.countersign.common.secret.SecretText;
import java.util.Objects;

/**
 * An authority that the operator brings; its key is redacted when shown.
 *
 * @param certificatePem as read from the file the spec names
 * @param keyPem as read from the file the spec names
 */
public record SuppliedAuthority(String certificatePem, SecretText keyPem) {
  public SuppliedAuthority {
    Objects.requireNonNull(certificatePem, "certificatePem");
    Objects.requireNonNull(keyPem, "keyPem");
  }
}
