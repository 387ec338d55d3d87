package dev.countersign.policy.ownership;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.PodRangeWitness;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * The addresses that Nodes hold on record, in numerical order.
 *
 * <p>A range in which two other Nodes have their addresses is no Node's Pod range, whatever its
 * kubelet writes. Two, since one Node's credentials must not lift the protection of another's Pods:
 * a single Node can have an address on record in a range that is handed out later. Not safe for use
 * by several threads.
 */
public final class OwnedAddresses implements PodRangeWitness {
  private static final int ENOUGH = 2;

  private final NavigableMap<IpAddress, NodeName> holders = new TreeMap<>();

  /** Takes in that a part of the record changed. */
  public void replace(Shard before, Shard after) {
    before
        .entries()
        .forEach(
            (claim, entry) -> {
              if (claim instanceof IpAddress address && !isHeld(after, claim)) {
                holders.remove(address);
              }
            });
    after.entries().forEach(this::add);
  }

  private static boolean isHeld(Shard shard, NameOrAddress claim) {
    return shard.entry(claim).state() instanceof OwnershipRecord.State.Held;
  }

  private void add(NameOrAddress claim, OwnershipRecord entry) {
    if (claim instanceof IpAddress address
        && entry.state() instanceof OwnershipRecord.State.Held held) {
      add(address, held.holder().node());
    }
  }

  /** Takes in that a Node owns an address. */
  public void add(IpAddress address, NodeName holder) {
    holders.put(address, holder);
  }

  @Override
  public boolean refutes(IpRange range, NodeName saidBy) {
    Set<NodeName> others = new HashSet<>();
    for (NodeName holder : holders.subMap(range.first(), true, range.last(), true).values()) {
      if (!holder.equals(saidBy) && others.add(holder) && others.size() >= ENOUGH) {
        return true;
      }
    }
    return false;
  }
}
