package dev.countersign.policy.join;

import dev.countersign.policy.join.attestation.AttestationVerdict;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What is known for one decision, read from the API server for it.
 *
 * @param now the time
 * @param grant the grant of the token that the requester used; empty where there is none
 * @param claim who holds the name that is asked for; empty where nobody does
 * @param node whether there is such a Node
 * @param inInventory whether the inventory knows the name; looked up only where a grant needs it
 * @param attestation what came of the attestation; looked up only where a grant needs it
 */
public record JoinFacts(
    Instant now,
    Known<Optional<JoinGrant>> grant,
    Known<Optional<NameClaim>> claim,
    Known<NodePresence> node,
    Known<Boolean> inInventory,
    Known<AttestationVerdict> attestation) {
  public JoinFacts {
    Objects.requireNonNull(now, "now");
    Objects.requireNonNull(grant, "grant");
    Objects.requireNonNull(claim, "claim");
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(inInventory, "inInventory");
    Objects.requireNonNull(attestation, "attestation");
  }
}
