package dev.countersign.policy.gather;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.Renewal;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServedCertificate;
import dev.countersign.policy.request.CsrSpec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Facts about a request for a serving certificate, each of which costs a call. */
public interface ServingLookUps {
  /** Whether the requestor may do what the policy file names. */
  Fact<AccessReview> access(CsrSpec.Requestor requestor, AccessAttributes attributes);

  /** What each source of the inventory says about the Node, by the source's name. */
  Map<String, Fact<Optional<InventoryEntry>>> inventory(Inventory inventory, NodeName node);

  /** What the names resolve to. */
  Fact<Map<DnsName, Resolution>> resolution(Set<DnsName> names, PolicyConfig config);

  /**
   * The certificate that the Node serves now.
   *
   * @param facts the Node, and the holders of what is asked for, as far as they are known
   */
  Fact<Optional<ServedCertificate>> served(Preflight.Open open, Facts facts, Renewal renewal);
}
