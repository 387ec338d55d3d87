package dev.countersign.policy.inventory;

import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.name.NodeName;
import java.util.Map;
import java.util.Optional;

/**
 * What an inventory says about all Nodes it knows.
 *
 * @param nodes by the Node's name
 */
public record InventoryDocument(Map<NodeName, InventoryEntry> nodes) {
  public InventoryDocument {
    nodes = Map.copyOf(nodes);
  }

  /** What it says about one Node. */
  public Optional<InventoryEntry> entry(NodeName node) {
    return Optional.ofNullable(nodes.get(node));
  }
}
