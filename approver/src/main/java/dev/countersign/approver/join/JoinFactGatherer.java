package dev.countersign.approver.join;

import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.check.Requester;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.JoinFacts;
import dev.countersign.policy.join.JoinGrant;
import dev.countersign.policy.join.NameClaim;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import dev.countersign.policy.request.CsrView;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Looks up the facts of a join: for the approver in its cluster, for {@code csr explain} in the
 * same cluster or in files. Thread-safe.
 */
public final class JoinFactGatherer {
  private final JoinRecordsReader records;
  private final JoinOptions options;
  private final InstantSource clock;

  /** Reads from that source, by the same options as an approver. */
  public JoinFactGatherer(ClusterSource cluster, JoinOptions options, InstantSource clock) {
    this.records = new JoinRecordsReader(cluster, options.namespace());
    this.options = Objects.requireNonNull(options, "options");
    this.clock = Objects.requireNonNull(clock, "clock");
  }

  /**
   * The facts, and the records they were read from.
   *
   * @param grant the token's grant as it is stored
   * @param claim the claim to the name as it is stored
   */
  record Gathered(
      Facts facts,
      Optional<JoinRecordsReader.Stored> grant,
      Optional<JoinRecordsReader.Stored> claim) {
    /** Of a request that needs none. */
    static final Gathered NOTHING = new Gathered(Facts.none(), Optional.empty(), Optional.empty());
  }

  /**
   * The facts.
   *
   * @param evidence of the machine, as its request carries it
   */
  public Facts facts(Preflight.Open open, Optional<String> evidence) {
    return gather(open, evidence).facts();
  }

  Gathered gather(Preflight.Open open, Optional<String> evidence) {
    CsrView csr = open.inspection().csr();
    String node = open.node().text();
    Requester requester = Requester.of(csr, options.policy().get());
    JoinRecordsReader.ReadRecord<JoinGrant> grant =
        requester instanceof Requester.Token(TokenId token)
            ? records.grant(token)
            : new JoinRecordsReader.ReadRecord<>(
                Fact.unknown("not a bootstrap token"), Optional.empty());
    JoinRecordsReader.ReadRecord<NameClaim> claim = records.claim(node);
    JoinFacts facts =
        new JoinFacts(
            clock.instant(),
            grant.value(),
            claim.value(),
            requester.joins() ? records.node(node) : Fact.unknown("no Node joins"),
            options.inventory().apply(node),
            attest(csr.created(), evidence, options.attestations()),
            requester instanceof Requester.MachineBootstrapper(var machines, _)
                ? options.machines().apply(machines)
                : Fact.unknown("not a ServiceAccount that joins Machines"));
    return new Gathered(Facts.none().withJoin(facts), grant.stored(), claim.stored());
  }

  private static Fact<AttestationVerdict> attest(
      Instant created, Optional<String> evidence, List<Attestation> attestations) {
    if (attestations.isEmpty()) {
      return Fact.unknown("no attestation is configured");
    }
    if (evidence.isEmpty()) {
      return Fact.known(
          new AttestationVerdict.Refused(
              "evidence", "none", "an annotation " + Attestation.ANNOTATION));
    }
    AttestationVerdict last =
        new AttestationVerdict.Refused("evidence", "none that holds", "one that does");
    for (Attestation attestation : attestations) {
      last = attestation.verify(evidence.get(), created);
      if (last instanceof AttestationVerdict.Attested) {
        return Fact.known(last);
      }
    }
    return Fact.known(last);
  }
}
