package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.join.NodeNameReservation;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * No other join took the name a short while ago; and it is not revoked, where its own node renews.
 */
final class NameIsFree implements ClusterCheck {
  private final Duration registrationWindow;

  /** Where the Node of an approved join may take that long to appear. */
  NameIsFree(Duration registrationWindow) {
    this.registrationWindow = registrationWindow;
  }

  @Override
  public Set<FactKind> needs(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return switch (Requester.of(inspection.csr(), config)) {
      case Requester.Node _ -> Set.of(FactKind.CLAIM);
      case Requester.Token _, Requester.MachineBootstrapper _ ->
          JoinAttempt.holdsName(inspection, facts)
              ? Set.of(FactKind.CLAIM)
              : Set.of(FactKind.CLAIM, FactKind.PRESENCE);
      case Requester.Other _ -> Set.of();
    };
  }

  @Override
  public void inspect(
      ParsedCsr inspection, Facts facts, PolicyConfig config, ViolationCollector findings) {
    boolean joins = Requester.of(inspection.csr(), config).joins();
    facts
        .join()
        .knownClaim()
        .filter(_ -> !joins || !JoinAttempt.holdsName(inspection, facts))
        .ifPresent(
            claim -> {
              if (!joins) {
                ofRenewal(claim, findings);
              } else if (facts.join().presence()
                  instanceof Fact.Known<NodePresence>(NodePresence.Absent())) {
                ofJoin(claim, facts.join().now(), findings);
              }
            });
  }

  private static void ofRenewal(NodeNameReservation claim, ViolationCollector findings) {
    if (claim instanceof NodeNameReservation.Revoked(String _, Instant at)) {
      findings.add(
          Reason.NAME_REVOKED,
          "claim",
          "revoked at " + at,
          "a name in good standing; join again with a token");
    }
  }

  private void ofJoin(NodeNameReservation claim, Instant now, ViolationCollector findings) {
    if (claim.taken().isPresent() && claim.at().plus(registrationWindow).isAfter(now)) {
      findings.add(
          Reason.NAME_CLAIMED,
          "claim",
          "taken with " + claim.by() + " at " + claim.at(),
          "a name that no join took in the last " + registrationWindow);
    }
  }
}
