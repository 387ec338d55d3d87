package dev.countersign.policy.ownership;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What each Node has on record, over all shards: what it owns, what it left and may return to, and
 * what it waits for. Counted in bytes, so that many names and long names come to the same. Not safe
 * for use by several threads.
 */
public final class NodeRecords {
  /** Bytes of a record besides the name or address and the Node's name: uid, time, words. */
  private static final int OVERHEAD = 64;

  /** The longest own name: as name, and as the Node's. Every Node has room for it. */
  public static final int OWN_NAME = 253 + 253 + OVERHEAD;

  private final Map<NodeName, Usage> nodes = new HashMap<>();

  /** One Node's. */
  private static final class Usage {
    private final Map<NameOrAddress, Integer> records = new HashMap<>();
    private int bytes;
  }

  /** What one name or address costs a Node. */
  public static int cost(NodeName node, NameOrAddress claim) {
    return claim.key().length() + node.text().length() + OVERHEAD;
  }

  /** Takes note that the record of a name or address has changed. */
  public void replace(NameOrAddress claim, OwnershipRecord before, OwnershipRecord after) {
    Set<NodeName> had = before.nodes();
    Set<NodeName> has = after.nodes();
    for (NodeName node : had) {
      if (!has.contains(node)) {
        remove(node, claim);
      }
    }
    for (NodeName node : has) {
      Usage usage = nodes.computeIfAbsent(node, _ -> new Usage());
      if (usage.records.putIfAbsent(claim, cost(node, claim)) == null) {
        usage.bytes += cost(node, claim);
      }
    }
  }

  private void remove(NodeName node, NameOrAddress claim) {
    Usage usage = nodes.get(node);
    Integer cost = usage == null ? null : usage.records.remove(claim);
    if (usage != null && cost != null) {
      usage.bytes -= cost;
      if (usage.records.isEmpty()) {
        nodes.remove(node);
      }
    }
  }

  /** What a Node has on record. */
  public Set<NameOrAddress> of(NodeName node) {
    Usage usage = nodes.get(node);
    return usage == null ? Set.of() : new HashSet<>(usage.records.keySet());
  }

  /** How many bytes that is. */
  public int bytes(NodeName node) {
    Usage usage = nodes.get(node);
    return usage == null ? 0 : usage.bytes;
  }

  /** The Nodes that have anything on record. */
  public Set<NodeName> nodes() {
    return Set.copyOf(nodes.keySet());
  }
}
