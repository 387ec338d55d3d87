package dev.countersign.policy.join.attestation;

import dev.countersign.policy.fact.Fact;
import java.security.PublicKey;
import java.util.List;
import java.util.Optional;

/** Looks up the keys that issuers publish. */
@FunctionalInterface
public interface PublishedKeys {
  /** Looks up nothing: what it takes to verify is unknown. */
  PublishedKeys NONE =
      (published, _) ->
          Fact.unknown(
              "keys at "
                  + published.jwksUri()
                  + ": not fetched here; give an Attestation with the keys themselves");

  /**
   * The keys that may verify a document; none where the set is known and has no such key.
   *
   * @param keyId the {@code kid} that the document names; attacker-controlled
   */
  Fact<List<PublicKey>> find(IssuerKeys.Published published, Optional<String> keyId);

  /**
   * The same as published now, as far as it may be asked for, where none of the keys that were
   * found verifies: an issuer may change its keys without changing their names.
   */
  default Fact<List<PublicKey>> refreshed(IssuerKeys.Published published, Optional<String> keyId) {
    return find(published, keyId);
  }
}
