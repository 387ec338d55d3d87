package dev.countersign.policy.gather;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodePresence;
import dev.countersign.policy.inventory.Machine;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.NodeNameReservation;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.join.attestation.AttestationVerdict;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Facts about one request for a client certificate, each of which costs a call. */
public interface JoinLookUps {
  /** The time. */
  Instant now();

  /** The grant of a token; empty where there is none. */
  Fact<Optional<BootstrapTokenGrant>> grant(TokenId token);

  /** Which join reserved the name of a Node; empty where none did. */
  Fact<Optional<NodeNameReservation>> claim(NodeName node);

  /** Whether there is such a Node. */
  Fact<NodePresence> presence(NodeName node);

  /** Whether the join inventory knows the Node. */
  Fact<Boolean> listed(NodeName node);

  /** What came of the evidence that the request carries. */
  Fact<AttestationVerdict> attestation();

  /** The Machines of a source. */
  Fact<List<Machine>> machines(InventorySource.Machines source);
}
