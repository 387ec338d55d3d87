package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.Join;
import dev.countersign.policy.join.JoinRecords;
import dev.countersign.policy.join.NodeNameReservation;
import dev.countersign.x509.request.CertificateRequest;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What a request for a client certificate would take: a use of a token, and a node's name. */
public final class JoinAttempt {
  private JoinAttempt() {}

  /** The use that it would be; empty where the request names no Node. */
  static Optional<Join> of(ParsedCsr inspection, Facts facts) {
    return inspection
        .request()
        .flatMap(
            request ->
                inspection
                    .node()
                    .map(
                        node ->
                            new Join(
                                node.text(),
                                inspection.csr().uid(),
                                keySha256(request),
                                facts.join().now())));
  }

  /** The grant of the requester's own token, where it is known and there is one. */
  static Optional<BootstrapTokenGrant> grant(
      ParsedCsr inspection, Facts facts, PolicyConfig config) {
    return Requester.of(inspection.csr(), config) instanceof Requester.Token(var token)
        ? facts.join().knownGrant().filter(grant -> grant.token().equals(token))
        : Optional.empty();
  }

  /**
   * What a check of the grant needs.
   *
   * @param asks whether it has anything to look at in a grant
   * @param more what it looks at besides
   */
  static Set<FactKind> needsGrant(
      ParsedCsr inspection,
      Facts facts,
      PolicyConfig config,
      Predicate<BootstrapTokenGrant> asks,
      FactKind... more) {
    if (!(Requester.of(inspection.csr(), config) instanceof Requester.Token)) {
      return Set.of();
    }
    Set<FactKind> needs = EnumSet.of(FactKind.GRANT);
    if (facts.join().grant().isKnown()) {
      if (grant(inspection, facts, config).filter(asks).isEmpty()) {
        return Set.of();
      }
      needs.addAll(Set.of(more));
    }
    return needs;
  }

  /**
   * Whether a use that is recorded still stands for this join. It is there so that an approver that
   * died between its writes can go on; it ends where the name was revoked or went to another join
   * since. Else whoever has a deleted node's disk, with key and token, could join once more.
   */
  static boolean isRecorded(BootstrapTokenGrant grant, Join join, Facts facts) {
    return grant
        .covering(join)
        .filter(
            use ->
                // held for that; a denial must not rest on what could not be read
                facts
                    .join()
                    .knownClaim()
                    .map(claim -> covers(claim, join) || use.at().isAfter(claim.at()))
                    .orElse(true))
        .isPresent();
  }

  /** Whether this very join reserved the name already. */
  static boolean holdsName(ParsedCsr inspection, Facts facts) {
    return of(inspection, facts)
        .flatMap(join -> facts.join().knownClaim().filter(claim -> covers(claim, join)))
        .isPresent();
  }

  private static boolean covers(NodeNameReservation claim, Join join) {
    return claim.taken().filter(taken -> taken.covers(join)).isPresent();
  }

  /** What is to be written before an approval. */
  public static JoinRecords records(ParsedCsr inspection, Facts facts, PolicyConfig config) {
    Optional<Join> attempt = of(inspection, facts);
    if (attempt.isEmpty()) {
      return JoinRecords.NONE;
    }
    Join join = attempt.get();
    boolean holds = holdsName(inspection, facts);
    return switch (Requester.of(inspection.csr(), config)) {
      case Requester.Token(var token) ->
          new JoinRecords(
              grant(inspection, facts, config)
                  .filter(grant -> !isRecorded(grant, join, facts))
                  .map(grant -> grant.with(join)),
              holds ? Optional.empty() : Optional.of(new NodeNameReservation.Held(token, join)));
      case Requester.MachineBootstrapper _ ->
          new JoinRecords(
              Optional.empty(),
              holds
                  ? Optional.empty()
                  : MachineIsNew.machine(inspection, facts)
                      .map(machine -> new NodeNameReservation.HeldByMachine(machine.name(), join)));
      case Requester.Node _, Requester.Other _ -> JoinRecords.NONE;
    };
  }

  /** SHA-256 of the subjectPublicKeyInfo in a request, in hexadecimal. */
  private static String keySha256(CertificateRequest request) {
    return request.key().spki().sha256().toHex();
  }
}
