package dev.countersign.approver.ownership;

import dev.countersign.common.ParseResult;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import dev.countersign.policy.ownership.ShardUpdate;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What is on record, what is to be looked at, and who got nothing on record. Guarded by the store's
 * lock.
 */
final class OwnershipState {
  /** More than a kubelet asks for, but where a cloud gives it an address for each of its Pods. */
  private static final int MANY_CLAIMS = 16;

  private final RecordTable table;
  private final ShardQueue queue = new ShardQueue();
  private final WriteFailures troubles = new WriteFailures();
  private final Standing keptOut = new Standing();
  private final Map<ShardUpdate.Cause, Standing> turnedAway =
      new EnumMap<>(ShardUpdate.Cause.class);

  /** What someone wrote to a shard while a worker had it; empty where it was deleted. */
  private final Map<Integer, Optional<ShardObject>> meanwhile = new HashMap<>();

  /** Nothing; {@code onChange} is told of each shard as it was and as it is. */
  OwnershipState(BiConsumer<Shard, Shard> onChange) {
    table = new RecordTable(onChange);
    for (ShardUpdate.Cause cause : ShardUpdate.Cause.values()) {
      turnedAway.put(cause, new Standing());
    }
  }

  RecordTable table() {
    return table;
  }

  ShardQueue queue() {
    return queue;
  }

  WriteFailures troubles() {
    return troubles;
  }

  /** The Nodes kept out by what is the cluster's own, or by what their names look like. */
  Standing keptOut() {
    return keptOut;
  }

  Standing turnedAway(ShardUpdate.Cause cause) {
    return turnedAway.getOrDefault(cause, keptOut);
  }

  /**
   * Has a Node looked at, in the shards of its claims, and of what it has on record; one that
   * claims very much when nothing else is to be done, as it makes most shards be written.
   */
  void addNode(NodeName node, Set<NameOrAddress> claims, ShardQueue.Urgency atBest) {
    ShardQueue.Urgency urgency = claims.size() > MANY_CLAIMS ? ShardQueue.Urgency.LOW : atBest;
    Optional<ShardKey> key = table.key();
    if (key.isEmpty()) {
      return;
    }
    Set<Integer> numbers = new HashSet<>();
    claims.forEach(claim -> numbers.add(key.get().numberOf(claim)));
    table.records().of(node).forEach(claim -> numbers.add(key.get().numberOf(claim)));
    BiConsumer<NodeName, Integer> stands = (_, number) -> numbers.add(number);
    keptOut.ofNode(node, stands);
    turnedAway.values().forEach(standing -> standing.ofNode(node, stands));
    for (int i = 0; i < Shard.COUNT; i++) {
      // What is being written may be of this Node, and not on record yet.
      if (queue.isTaken(i) || numbers.contains(i)) {
        queue.addNode(i, node, urgency);
      }
    }
  }

  /** Forgets what is to be looked at, and who is to be looked at again. */
  void forgetWork() {
    queue.clear();
    keptOut.clear();
    turnedAway.values().forEach(Standing::clear);
  }

  /** Looks at what is due by itself; at what no other Node waits for when there is time. */
  void due(Instant now) {
    table
        .key()
        .ifPresent(key -> table.due(now).forEach(claim -> addDue(key.numberOf(claim), claim)));
  }

  private void addDue(int number, NameOrAddress claim) {
    boolean awaited = !table.slot(number).entries().entry(claim).waiting().isEmpty();
    queue.addClaim(number, claim, awaited ? ShardQueue.Urgency.NORMAL : ShardQueue.Urgency.LOW);
  }

  /** Has looked at whoever was kept out by what is the cluster's own. */
  void surroundingsChanged() {
    keptOut.forEach((node, number) -> queue.addNode(number, node, ShardQueue.Urgency.NORMAL));
  }

  /**
   * Takes over a shard that someone wrote, unless a later one is known, or once no worker has it.
   *
   * @return why it cannot be read, if that is so
   */
  Optional<String> take(int number, ShardObject object, Duration reclaim) {
    if (queue.isTaken(number)) {
      meanwhile.put(number, Optional.of(object));
      return Optional.empty();
    }
    return takeNow(number, object, reclaim);
  }

  /** The same for the worker that has it. */
  Optional<String> takeNow(int number, ShardObject object, Duration reclaim) {
    if (table.knows(number, object.resourceVersion())) {
      return Optional.empty();
    }
    Set<NameOrAddress> had = Set.copyOf(table.slot(number).entries().entries().keySet());
    ParseResult<Shard> shard = Shard.parse(object.text());
    table.put(number, shard, object.resourceVersion(), reclaim);
    had.forEach(claim -> queue.addClaim(number, claim, ShardQueue.Urgency.NORMAL));
    queue.addAll(number);
    return shard instanceof ParseResult.Refused<Shard> unreadable
        ? Optional.of(unreadable.message())
        : Optional.empty();
  }

  /** Takes note that a shard's object is gone; returns whether it was there. */
  boolean gone(int number) {
    if (queue.isTaken(number)) {
      meanwhile.put(number, Optional.empty());
      return false;
    }
    return goneNow(number);
  }

  /** The same for the worker that has it. */
  boolean goneNow(int number) {
    Set<NameOrAddress> had = Set.copyOf(table.slot(number).entries().entries().keySet());
    boolean was = table.remove(number);
    had.forEach(claim -> queue.addClaim(number, claim, ShardQueue.Urgency.NORMAL));
    return was;
  }

  /** A worker has given a shard back: what came meanwhile is taken over. */
  void givenBack(int number, Duration reclaim) {
    Optional<ShardObject> came = meanwhile.remove(number);
    if (came != null) {
      came.ifPresentOrElse(object -> takeNow(number, object, reclaim), () -> goneNow(number));
    }
  }

  /** A shard was written: whoever was turned away for what has become free is looked at again. */
  void freed(int number, Map<NameOrAddress, OwnershipRecord> changed, Shard before, Shard after) {
    Set<NodeName> less = new HashSet<>();
    changed.forEach(
        (claim, entry) -> {
          Set<NodeName> gone = new HashSet<>(before.entry(claim).nodes());
          gone.removeAll(entry.nodes());
          less.addAll(gone);
        });
    Standing overBudget = turnedAway(ShardUpdate.Cause.OVER_BUDGET);
    less.forEach(
        node ->
            overBudget.ofNode(
                node, (who, shard) -> queue.addNode(shard, who, ShardQueue.Urgency.LOW)));
    if (after.bytes() < before.bytes()) {
      turnedAway(ShardUpdate.Cause.RECORD_FULL)
          .inShard(number)
          .forEach(node -> queue.addNode(number, node, ShardQueue.Urgency.LOW));
    }
  }

  /** Whose these names and addresses are; unknown where a record that tells cannot be read. */
  Fact<Map<NameOrAddress, AddressOwnership>> holdings(
      Set<NameOrAddress> claims, Duration reclaim, RecordObjects objects) {
    Optional<ShardKey> key = table.key();
    if (key.isEmpty()) {
      return Fact.unknown(
          "the record of addresses has no key yet, ConfigMap "
              + objects.shown(ShardKey.OBJECT_NAME));
    }
    Map<NameOrAddress, AddressOwnership> holdings = new HashMap<>();
    for (NameOrAddress claim : claims) {
      int number = key.get().numberOf(claim);
      RecordTable.Slot slot = table.slot(number);
      if (!slot.isReadable()) {
        return Fact.unknown(
            "the record of addresses in ConfigMap "
                + objects.shown(Shard.objectName(number))
                + " cannot be read");
      }
      holdings.put(claim, slot.entries().entry(claim).holding(reclaim));
    }
    return Fact.known(holdings);
  }

  OwnershipFigures figures(int slowed) {
    int entries = 0;
    int contested = 0;
    int fullest = 0;
    for (int i = 0; i < Shard.COUNT; i++) {
      Shard shard = table.slot(i).entries();
      entries += shard.entries().size();
      fullest = Math.max(fullest, shard.entries().isEmpty() ? 0 : shard.bytes());
      for (OwnershipRecord entry : shard.entries().values()) {
        contested += entry.waiting().isEmpty() ? 0 : 1;
      }
    }
    return new OwnershipFigures(
        entries,
        contested,
        turnedAway(ShardUpdate.Cause.OVER_BUDGET).nodes(),
        turnedAway(ShardUpdate.Cause.RECORD_FULL).nodes(),
        slowed,
        fullest);
  }
}
