package dev.countersign.policy.inventory;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.InventoryEntry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an inventory says about all Nodes it knows.
 *
 * @param nodes by the Node's name
 */
public record InventoryDocument(Map<NodeName, InventoryEntry> nodes) {
  public InventoryDocument {
    nodes = Map.copyOf(nodes);
  }

  /** What Machines say. Of two that name one Node, none is believed. */
  public static InventoryDocument ofMachines(List<Machine> machines) {
    Map<NodeName, InventoryEntry> nodes = new HashMap<>();
    Set<NodeName> twice = new HashSet<>();
    for (Machine machine : machines) {
      machine
          .node()
          .ifPresent(
              node -> {
                if (nodes.put(node, machine.entry()) != null) {
                  twice.add(node);
                }
              });
    }
    nodes.keySet().removeAll(twice);
    return new InventoryDocument(nodes);
  }

  /** What it says about one Node. */
  public Optional<InventoryEntry> entry(NodeName node) {
    return Optional.ofNullable(nodes.get(node));
  }
}
