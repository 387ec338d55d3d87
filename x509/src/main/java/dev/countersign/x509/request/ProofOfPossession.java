package dev.countersign.x509.request;

import java.util.Objects;

/** Whether the requestor showed that it holds the private key, by its signature. */
public sealed interface ProofOfPossession {

  /**
   * The signature over the request verifies with the key in the request.
   *
   * @param scheme as declared; look at {@link SignatureScheme#weakDigest()}
   */
  record Proven(SignatureScheme scheme) implements ProofOfPossession {
    public Proven {
      Objects.requireNonNull(scheme, "scheme");
    }
  }

  /** The signature does not verify. */
  record Refuted(SignatureScheme scheme) implements ProofOfPossession {
    public Refuted {
      Objects.requireNonNull(scheme, "scheme");
    }
  }

  /**
   * The signature cannot be verified, which proves nothing.
   *
   * @param algorithmOid the declared algorithm in dotted form
   * @param why in words
   */
  record Unverifiable(String algorithmOid, String why) implements ProofOfPossession {
    public Unverifiable {
      Objects.requireNonNull(algorithmOid, "algorithmOid");
      Objects.requireNonNull(why, "why");
    }
  }
}
