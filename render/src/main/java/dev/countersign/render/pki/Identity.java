package dev.countersign.render.pki;

import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.key.KeyPair;
import java.util.Objects;

/**
 * A certificate and its key, the private half of which is redacted when shown.
 *
 * @param certificate what is shown to others
 * @param keys what proves it
 */
public record Identity(Certificate certificate, KeyPair keys) {
  public Identity {
    Objects.requireNonNull(certificate, "certificate");
    Objects.requireNonNull(keys, "keys");
  }
}
