package dev.countersign.policy.join.attestation;

import java.security.PublicKey;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Where an issuer's keys are from. */
public sealed interface IssuerKeys {
  /**
   * They are given.
   *
   * @param keys at least one: RSA of 2048 bits or more, P-256, or Ed25519
   */
  record Given(List<PublicKey> keys) implements IssuerKeys {
    public Given {
      keys = List.copyOf(keys);
      if (keys.isEmpty()) {
        throw new IllegalArgumentException("issuerKeys: got none; want at least one public key");
      }
      for (PublicKey key : keys) {
        if (KeyAlgorithm.of(key).isEmpty()) {
          throw new IllegalArgumentException(
              "issuerKeys: got "
                  + key.getAlgorithm()
                  + "; want RSA of 2048 bits or more, P-256, or Ed25519");
        }
      }
    }
  }

  /**
   * The issuer publishes them as a JSON Web Key Set (RFC 7517), and changes them.
   *
   * @param jwksUri where, an {@code https://} address
   * @param caFile authorities of that server, as PEM; the Java runtime's where empty
   */
  record Published(String jwksUri, Optional<String> caFile) implements IssuerKeys {
    public Published {
      Objects.requireNonNull(jwksUri, "jwksUri");
      Objects.requireNonNull(caFile, "caFile");
    }
  }
}
