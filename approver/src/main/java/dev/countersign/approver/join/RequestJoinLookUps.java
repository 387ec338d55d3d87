package dev.countersign.approver.join;

import dev.countersign.approver.lookup.ClusterSource;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ConfigMapObject;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.gather.JoinLookUps;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodeNameReservation;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Looks up the facts of one request to join, in a cluster or in files, and keeps the records that
 * they were read from. For one thread.
 */
public final class RequestJoinLookUps implements JoinLookUps {
  private final JoinRecordsReader records;
  private final JoinOptions options;
  private final InstantSource clock;
  private final Instant created;
  private final Optional<String> evidence;
  private Optional<ConfigMapObject> grant = Optional.empty();
  private Optional<ConfigMapObject> claim = Optional.empty();

  /**
   * Look-ups by the options of the approver.
   *
   * @param created when the request was
   * @param evidence of the machine, as the request carries it
   */
  public RequestJoinLookUps(
      ClusterSource cluster,
      JoinOptions options,
      InstantSource clock,
      Instant created,
      Optional<String> evidence) {
    this.records = new JoinRecordsReader(cluster, options.namespace());
    this.options = options;
    this.clock = clock;
    this.created = created;
    this.evidence = evidence;
  }

  /** The grant as it is stored; empty where none was read. */
  Optional<ConfigMapObject> storedGrant() {
    return grant;
  }

  /** The claim as it is stored; empty where none was read. */
  Optional<ConfigMapObject> storedClaim() {
    return claim;
  }

  @Override
  public Instant now() {
    return clock.instant();
  }

  @Override
  public Fact<Optional<BootstrapTokenGrant>> grant(TokenId token) {
    JoinRecordsReader.ReadRecord<BootstrapTokenGrant> read = records.grant(token);
    grant = read.stored();
    return read.value();
  }

  @Override
  public Fact<Optional<NodeNameReservation>> claim(NodeName node) {
    JoinRecordsReader.ReadRecord<NodeNameReservation> read = records.claim(node.text());
    claim = read.stored();
    return read.value();
  }

  @Override
  public Fact<NodePresence> presence(NodeName node) {
    return records.node(node.text());
  }

  @Override
  public Fact<Boolean> listed(NodeName node) {
    return options.inventory().apply(node.text());
  }

  @Override
  public Fact<List<Machine>> machines(InventorySource.Machines source) {
    return options.machines().apply(source);
  }

  @Override
  public Fact<AttestationVerdict> attestation() {
    if (options.attestations().isEmpty()) {
      return Fact.unknown("no attestation is configured");
    }
    if (evidence.isEmpty()) {
      return Fact.known(
          new AttestationVerdict.Refused(
              "evidence", "none", "an annotation " + Attestation.ANNOTATION));
    }
    Optional<AttestationVerdict.Refused> refusal = Optional.empty();
    Optional<String> unknown = Optional.empty();
    for (Attestation attestation : options.attestations()) {
      switch (attestation.verify(evidence.get(), created, options.publishedKeys())) {
        case Fact.Known<AttestationVerdict>(AttestationVerdict.Attested attested) -> {
          return Fact.known(attested);
        }
        case Fact.Known<AttestationVerdict>(AttestationVerdict.Refused refused) -> {
          // The issuer that the document names says more than the others do.
          if (refusal.map(AttestationVerdict.Refused::isOfAnotherIssuer).orElse(true)) {
            refusal = Optional.of(refused);
          }
        }
        case Fact.Unknown<AttestationVerdict>(String why) -> unknown = Optional.of(why);
      }
    }
    return unknown.isPresent() ? Fact.unknown(unknown.get()) : Fact.known(refusal.orElseThrow());
  }
}
