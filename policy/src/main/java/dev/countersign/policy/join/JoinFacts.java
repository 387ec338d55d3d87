package dev.countersign.policy.join;

import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import java.time.Instant;
import java.util.List;
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
 * @param machines the Machines that the requester joins; looked up only for a ServiceAccount
 */
public record JoinFacts(
    Instant now,
    Fact<Optional<JoinGrant>> grant,
    Fact<Optional<NameClaim>> claim,
    Fact<NodePresence> node,
    Fact<Boolean> inInventory,
    Fact<AttestationVerdict> attestation,
    Fact<List<Machine>> machines) {
  public JoinFacts {
    Objects.requireNonNull(now, "now");
    Objects.requireNonNull(grant, "grant");
    Objects.requireNonNull(claim, "claim");
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(inInventory, "inInventory");
    Objects.requireNonNull(attestation, "attestation");
    Objects.requireNonNull(machines, "machines");
  }

  /** What is known for a requester that joins no Machine. */
  public JoinFacts(
      Instant now,
      Fact<Optional<JoinGrant>> grant,
      Fact<Optional<NameClaim>> claim,
      Fact<NodePresence> node,
      Fact<Boolean> inInventory,
      Fact<AttestationVerdict> attestation) {
    this(now, grant, claim, node, inInventory, attestation, Fact.unknown("not looked up"));
  }

  /** With the Machines that the requester joins. */
  public JoinFacts withMachines(Fact<List<Machine>> value) {
    return new JoinFacts(now, grant, claim, node, inInventory, attestation, value);
  }
}
