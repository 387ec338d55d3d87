package dev.countersign.policy.gather;

import dev.countersign.policy.Preflight;
import dev.countersign.policy.check.Requester;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.JoinFacts;
import java.util.Objects;

/**
 * The facts about a request for a client certificate.
 *
 * @param calls what is looked up
 */
public record ClientFactSource(JoinLookUps calls) implements FactSource {
  public ClientFactSource {
    Objects.requireNonNull(calls, "calls");
  }

  @Override
  public Facts begin() {
    return Facts.none().withJoin(JoinFacts.none(calls.now()));
  }

  @Override
  public Facts lookUp(FactKind kind, Facts facts, Preflight.Open open, PolicyConfig config) {
    Requester requester = Requester.of(open.inspection().csr(), config);
    JoinFacts join = facts.join();
    return facts.withJoin(
        switch (kind) {
          case GRANT ->
              requester instanceof Requester.Token(var token)
                  ? join.withGrant(calls.grant(token))
                  : join;
          case CLAIM -> join.withClaim(calls.claim(open.node()));
          case PRESENCE -> join.withPresence(calls.presence(open.node()));
          case LISTED -> join.withListed(calls.listed(open.node()));
          case ATTESTATION -> join.withAttestation(calls.attestation());
          case MACHINES ->
              requester instanceof Requester.MachineBootstrapper(var machines, _)
                  ? join.withMachines(calls.machines(machines))
                  : join;
          case NODE, PROTECTED, HOLDINGS, PENDING, ACCESS, INVENTORY, RESOLUTION, SERVED -> join;
        });
  }
}
