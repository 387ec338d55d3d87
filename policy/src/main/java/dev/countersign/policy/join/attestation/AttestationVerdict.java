package dev.countersign.policy.join.attestation;

import java.util.Objects;
import java.util.Optional;

/** What evidence proves. */
public sealed interface AttestationVerdict {
  /** The claim that names a document's issuer, RFC 7519, section 4.1.1. */
  String ISSUER = "iss";

  /**
   * The evidence holds.
   *
   * @param node the node name it vouches for
   * @param keySha256 where the evidence is bound to a key: SHA-256 of its subjectPublicKeyInfo, in
   *     hexadecimal
   */
  record Attested(String node, Optional<String> keySha256) implements AttestationVerdict {
    public Attested {
      Objects.requireNonNull(node, "node");
      Objects.requireNonNull(keySha256, "keySha256");
    }
  }

  /** There is none, or it does not hold. */
  record Refused(String path, String got, String want) implements AttestationVerdict {
    public Refused {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(got, "got");
      Objects.requireNonNull(want, "want");
    }

    /** Whether the evidence names another issuer than the one that was asked. */
    public boolean isOfAnotherIssuer() {
      return path.equals(ISSUER);
    }
  }
}
