package dev.countersign.approver.join;

import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.join.JoinConfig;
import dev.countersign.policy.join.JoinFacts;
import dev.countersign.policy.join.JoinGrant;
import dev.countersign.policy.join.JoinRequest;
import dev.countersign.policy.join.NameClaim;
import dev.countersign.policy.join.NodePresence;
import dev.countersign.policy.join.StrictJoin;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.join.attestation.AttestationVerdict;
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
      JoinFacts facts,
      Optional<JoinRecordsReader.Stored> grant,
      Optional<JoinRecordsReader.Stored> claim) {}

  /**
   * The facts.
   *
   * @param evidence of the machine, as its request carries it
   */
  public JoinFacts facts(JoinRequest request, Optional<String> evidence) {
    return gather(request, evidence).facts();
  }

  Gathered gather(JoinRequest request, Optional<String> evidence) {
    Optional<TokenId> token = TokenId.ofUser(request.username());
    Optional<JoinConfig.Bootstrap> bootstrap = options.config().bootstrap(request);
    Optional<String> node = StrictJoin.nodeAskedFor(request);
    JoinRecordsReader.ReadRecord<JoinGrant> grant =
        token.map(records::grant).orElseGet(JoinFactGatherer::none);
    JoinRecordsReader.ReadRecord<NameClaim> claim =
        node.map(records::claim).orElseGet(JoinFactGatherer::none);
    JoinFacts facts =
        new JoinFacts(
            clock.instant(),
            grant.value(),
            claim.value(),
            node.isPresent() && (token.isPresent() || bootstrap.isPresent())
                ? records.node(node.get())
                : Fact.known(new NodePresence.Absent()),
            node.map(options.inventory()).orElse(Fact.unknown("no node name")),
            attest(request, evidence, options.attestations()),
            bootstrap
                .map(found -> options.machines().apply(found.machines()))
                .orElse(Fact.unknown("not a ServiceAccount that joins Machines")));
    return new Gathered(facts, grant.stored(), claim.stored());
  }

  private static <T> JoinRecordsReader.ReadRecord<T> none() {
    return new JoinRecordsReader.ReadRecord<>(Fact.known(Optional.empty()), Optional.empty());
  }

  private static Fact<AttestationVerdict> attest(
      JoinRequest request, Optional<String> evidence, List<Attestation> attestations) {
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
      last = attestation.verify(evidence.get(), request.createdAt());
      if (last instanceof AttestationVerdict.Attested) {
        return Fact.known(last);
      }
    }
    return Fact.known(last);
  }
}
