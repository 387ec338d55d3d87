package dev.countersign.policy.fact;

import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodeNameReservation;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What is known about a request for a client certificate, read from the API server for this
 * decision.
 *
 * @param now the time
 * @param grant the grant of the token that the requester used; empty where there is none
 * @param claim which join reserved the name that is asked for; empty where none did
 * @param presence whether there is such a Node
 * @param listed whether the join inventory knows the name; looked up only where a grant needs it
 * @param attestation what came of the attestation; looked up only where a grant needs it
 * @param machines the Machines that the requester joins; looked up only for a ServiceAccount
 */
public record JoinFacts(
    Instant now,
    Fact<Optional<BootstrapTokenGrant>> grant,
    Fact<Optional<NodeNameReservation>> claim,
    Fact<NodePresence> presence,
    Fact<Boolean> listed,
    Fact<AttestationVerdict> attestation,
    Fact<List<Machine>> machines) {
  public JoinFacts {
    Objects.requireNonNull(now, "now");
    Objects.requireNonNull(grant, "grant");
    Objects.requireNonNull(claim, "claim");
    Objects.requireNonNull(presence, "presence");
    Objects.requireNonNull(listed, "listed");
    Objects.requireNonNull(attestation, "attestation");
    Objects.requireNonNull(machines, "machines");
  }

  /** Nothing is known but the time. */
  public static JoinFacts none(Instant now) {
    return new JoinFacts(
        now,
        Fact.notLookedUp(),
        Fact.notLookedUp(),
        Fact.notLookedUp(),
        Fact.notLookedUp(),
        Fact.notLookedUp(),
        Fact.notLookedUp());
  }

  /** With the grant of the token. */
  public JoinFacts withGrant(Fact<Optional<BootstrapTokenGrant>> value) {
    return new JoinFacts(now, value, claim, presence, listed, attestation, machines);
  }

  /** With the join that reserved the name. */
  public JoinFacts withClaim(Fact<Optional<NodeNameReservation>> value) {
    return new JoinFacts(now, grant, value, presence, listed, attestation, machines);
  }

  /** With whether there is such a Node. */
  public JoinFacts withPresence(Fact<NodePresence> value) {
    return new JoinFacts(now, grant, claim, value, listed, attestation, machines);
  }

  /** With whether the join inventory knows the name. */
  public JoinFacts withListed(Fact<Boolean> value) {
    return new JoinFacts(now, grant, claim, presence, value, attestation, machines);
  }

  /** With what came of the attestation. */
  public JoinFacts withAttestation(Fact<AttestationVerdict> value) {
    return new JoinFacts(now, grant, claim, presence, listed, value, machines);
  }

  /** With the Machines that the requester joins. */
  public JoinFacts withMachines(Fact<List<Machine>> value) {
    return new JoinFacts(now, grant, claim, presence, listed, attestation, value);
  }

  /** The grant, where it is known and there is one. */
  public Optional<BootstrapTokenGrant> knownGrant() {
    return grant
            instanceof
            Fact.Known<Optional<BootstrapTokenGrant>>(Optional<BootstrapTokenGrant> found)
        ? found
        : Optional.empty();
  }

  /** The claim, where it is known and there is one. */
  public Optional<NodeNameReservation> knownClaim() {
    return claim
            instanceof
            Fact.Known<Optional<NodeNameReservation>>(Optional<NodeNameReservation> found)
        ? found
        : Optional.empty();
  }
}
