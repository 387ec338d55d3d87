package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodeNameReservation;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * There is no Node of the name that is joined, or none that can still hold a valid certificate, or
 * the token's grant allows that.
 */
final class NodeIsNotThereYet implements ClusterCheck {
  private final Duration certificateLifetime;

  /** Where the signer signs for that long at most. */
  NodeIsNotThereYet(Duration certificateLifetime) {
    this.certificateLifetime = certificateLifetime;
  }

  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    Requester requester = Requester.of(inspection.csr(), config);
    if (!requester.joins() || JoinAttempt.holdsName(inspection, facts)) {
      return Set.of();
    }
    Set<FactKind> needs = EnumSet.of(FactKind.CLAIM, FactKind.PRESENCE);
    if (requester instanceof Requester.Token) {
      needs.add(FactKind.GRANT);
    }
    return needs;
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    if (!(facts.join().presence() instanceof Fact.Known<NodePresence>(NodePresence presence))) {
      return;
    }
    boolean rejoin =
        JoinAttempt.grant(inspection, facts, config)
            .filter(BootstrapTokenGrant::rejoin)
            .isPresent();
    switch (presence) {
      case NodePresence.Absent() -> {}
      case NodePresence.Present(Optional<Instant> lastContact) -> {
        if (!rejoin && mayHoldCertificate(lastContact, facts)) {
          findings.add(
              Reason.NODE_TAKEN,
              "node",
              "a Node of this name, "
                  + lastContact
                      .map(at -> "in contact at " + at)
                      .orElse("which has no Lease in kube-node-lease"),
              "a free name: delete the Node first, or a token with --allow-rejoin");
        }
      }
    }
  }

  /**
   * The certificate of a join that was approved lasts as long as any other, whether or not its
   * kubelet has been in contact since.
   */
  private boolean mayHoldCertificate(Optional<Instant> lastContact, Facts facts) {
    Optional<Instant> joined =
        facts
            .join()
            .knownClaim()
            .filter(claim -> claim.taken().isPresent())
            .map(NodeNameReservation::at);
    return lastContact
        .map(at -> joined.filter(at::isBefore).orElse(at))
        .map(at -> !at.plus(certificateLifetime).isBefore(facts.join().now()))
        .orElse(true);
  }
}
