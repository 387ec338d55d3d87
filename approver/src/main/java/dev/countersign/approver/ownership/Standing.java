package dev.countersign.approver.ownership;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.ownership.Shard;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The Nodes that got nothing on record in some shards, for one cause, and are to be looked at there
 * again when that may have passed. Not safe for use by several threads.
 */
final class Standing {
  /** A bit for each shard. */
  private final Map<NodeName, Long> shards = new HashMap<>();

  static {
    if (Shard.COUNT > Long.SIZE) {
      throw new ExceptionInInitializerError("a bit for each shard");
    }
  }

  /** Notes it; returns whether the Node was in no shard before. */
  boolean add(NodeName node, int number) {
    return shards.merge(node, 1L << number, (had, bit) -> had | bit) == 1L << number;
  }

  void remove(NodeName node, int number) {
    shards.computeIfPresent(
        node,
        (_, had) -> {
          long left = had & ~(1L << number);
          return left == 0 ? null : left;
        });
  }

  /** Each Node and shard. */
  void forEach(BiConsumer<NodeName, Integer> action) {
    shards.forEach((node, bits) -> forEach(node, bits, action));
  }

  /** The shards of one Node. */
  void ofNode(NodeName node, BiConsumer<NodeName, Integer> action) {
    forEach(node, shards.getOrDefault(node, 0L), action);
  }

  private static void forEach(NodeName node, long bits, BiConsumer<NodeName, Integer> action) {
    for (long left = bits; left != 0; left &= left - 1) {
      action.accept(node, Long.numberOfTrailingZeros(left));
    }
  }

  /** The Nodes of one shard. */
  List<NodeName> inShard(int number) {
    List<NodeName> nodes = new ArrayList<>();
    shards.forEach(
        (node, bits) -> {
          if ((bits >>> number & 1) == 1) {
            nodes.add(node);
          }
        });
    return nodes;
  }

  /** How many Nodes. */
  int nodes() {
    return shards.size();
  }

  void clear() {
    shards.clear();
  }
}
