package dev.countersign.policy.ownership;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What observing some names and addresses makes of a shard.
 *
 * @param changed the entries that differ from those of the shard
 * @param turnedAway who got nothing on record for want of room, and why
 */
public record ShardUpdate(
    Map<NameOrAddress, OwnershipRecord> changed, Map<NodeName, Cause> turnedAway) {
  public ShardUpdate {
    // Not Map.copyOf, which compares each key with all of the same hash: kubelets choose these.
    changed = Collections.unmodifiableMap(new HashMap<>(changed));
    turnedAway = Collections.unmodifiableMap(new HashMap<>(turnedAway));
  }

  /** Why a claim is not put on record. */
  public enum Cause {
    /** The Node has used up what one Node may have on record. */
    OVER_BUDGET("over-budget"),
    /** The shard is full. */
    RECORD_FULL("record-full");

    private final String text;

    Cause(String text) {
      this.text = text;
    }

    /** As in metrics. */
    public String text() {
      return text;
    }
  }

  /**
   * Observes names and addresses of one shard. Whoever is on record for one of them already stays
   * so. A further Node gets onto it as long as it is within its budget, its own name always; and
   * while there is room in the shard, the Nodes with the least on record first.
   *
   * @param records what the Nodes have on record, which this changes along
   * @param budget most bytes of one Node ({@link NodeRecords#cost})
   * @param reclaim as for {@link OwnershipRecord#observe}
   */
  public static ShardUpdate of(
      Shard shard,
      Map<NameOrAddress, Observation> seen,
      NodeRecords records,
      int budget,
      Duration reclaim) {
    Map<NameOrAddress, OwnershipRecord> changed = new HashMap<>();
    Map<NodeName, Cause> turnedAway = new HashMap<>();
    int bytes = shard.bytes();
    for (NameOrAddress claim : leastFirst(seen, records)) {
      OwnershipRecord before = shard.entry(claim);
      Observation observation = Objects.requireNonNull(seen.get(claim));
      Set<NodeName> over = overBudget(claim, before, observation, records, budget);
      over.forEach(node -> turnedAway.put(node, Cause.OVER_BUDGET));
      OwnershipRecord after = before.observe(observation.without(over), reclaim);
      int growth = growth(claim, before, after);
      if (growth > 0 && bytes + growth > Shard.MOST_BYTES) {
        Set<NodeName> further = further(before, observation);
        further.forEach(node -> turnedAway.put(node, Cause.RECORD_FULL));
        after = before.observe(observation.without(further), reclaim);
        growth = growth(claim, before, after);
      }
      if (!after.equals(before)) {
        bytes += growth;
        records.replace(claim, before, after);
        changed.put(claim, after);
      }
    }
    return new ShardUpdate(changed, turnedAway);
  }

  /**
   * In an order that does not depend on who asks: those of Nodes with the least on record first.
   */
  private static List<NameOrAddress> leastFirst(
      Map<NameOrAddress, Observation> seen, NodeRecords records) {
    Map<NameOrAddress, Integer> least = new HashMap<>();
    seen.forEach(
        (claim, observation) ->
            least.put(
                claim,
                observation.claimants().stream()
                    .mapToInt(claimant -> records.bytes(claimant.node()))
                    .min()
                    .orElse(0)));
    List<NameOrAddress> order = new ArrayList<>(seen.keySet());
    order.sort(
        Comparator.<NameOrAddress>comparingInt(least::get).thenComparing(NameOrAddress::key));
    return order;
  }

  private static int growth(NameOrAddress claim, OwnershipRecord before, OwnershipRecord after) {
    return after.equals(before) ? 0 : Shard.bytes(claim, after) - Shard.bytes(claim, before);
  }

  private static Set<NodeName> overBudget(
      NameOrAddress claim,
      OwnershipRecord before,
      Observation seen,
      NodeRecords records,
      int budget) {
    Set<NodeName> over = further(before, seen);
    over.removeIf(
        node ->
            claim.key().equals(node.text())
                || records.bytes(node) + NodeRecords.cost(node, claim) <= budget);
    return over;
  }

  /** The claimants that are not on record for it yet. */
  private static Set<NodeName> further(OwnershipRecord before, Observation seen) {
    Set<NodeName> further = new HashSet<>();
    seen.claimants().forEach(claimant -> further.add(claimant.node()));
    further.removeAll(before.nodes());
    return further;
  }
}
