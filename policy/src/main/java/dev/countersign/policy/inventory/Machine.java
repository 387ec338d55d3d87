package dev.countersign.policy.inventory;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.InventoryEntry;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A Machine of Cluster API ({@code cluster.x-k8s.io}, v1alpha4 to v1beta2) or of OpenShift's
 * machine API ({@code machine.openshift.io/v1beta1}). What is read of them has the same shape in
 * all of these.
 *
 * @param name namespace and name, for messages
 * @param created {@code metadata.creationTimestamp}
 * @param node {@code status.nodeRef.name}: the Node that it became, if it has
 * @param entry {@code status.addresses}, which its provider writes, not the kubelet
 */
public record Machine(String name, Instant created, Optional<NodeName> node, InventoryEntry entry) {
  public Machine {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(created, "created");
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(entry, "entry");
  }
}
