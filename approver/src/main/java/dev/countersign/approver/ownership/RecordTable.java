package dev.countersign.approver.ownership;

import dev.countersign.common.ParseResult;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.ownership.NodeRecords;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The shards as the API server last accepted them, what each Node has on record in them, and when
 * something on record is due. Not safe for use by several threads.
 */
final class RecordTable {
  /** One shard and the resourceVersion of its object; empty where there is none. */
  record Slot(ParseResult<Shard> shard, String version) {
    private static final Slot ABSENT = new Slot(ParseResult.parsed(Shard.empty()), "");

    /** Its entries; none where it cannot be read. */
    Shard entries() {
      return shard instanceof ParseResult.Parsed<Shard>(Shard content) ? content : Shard.empty();
    }

    boolean isReadable() {
      return shard instanceof ParseResult.Parsed<Shard>;
    }
  }

  private final List<Slot> slots = new ArrayList<>();
  private final NodeRecords records = new NodeRecords();
  private final Map<NameOrAddress, Instant> timers = new HashMap<>();
  private Optional<ShardKey> key = Optional.empty();
  private Instant nextTimer = Instant.MAX;
  private final BiConsumer<Shard, Shard> onChange;

  /** A table without records; {@code onChange} is told of each shard as it was and as it is. */
  RecordTable(BiConsumer<Shard, Shard> onChange) {
    this.onChange = onChange;
    for (int i = 0; i < Shard.COUNT; i++) {
      slots.add(Slot.ABSENT);
    }
  }

  Slot slot(int number) {
    return slots.get(number);
  }

  /** What each Node has on record, with what is being written. */
  NodeRecords records() {
    return records;
  }

  /** The key that says where a name or address is; empty where it is not known. */
  Optional<ShardKey> key() {
    return key;
  }

  /** Takes over another key, or that there is none; nothing is on record but where it says. */
  void use(Optional<ShardKey> next) {
    if (next.equals(key)) {
      return;
    }
    key = Optional.empty();
    for (int i = 0; i < slots.size(); i++) {
      count(slots.get(i).entries().entries(), Map.of());
    }
    key = next;
    if (key.isPresent()) {
      for (int i = 0; i < slots.size(); i++) {
        count(Map.of(), own(i, slots.get(i).entries()));
      }
    }
  }

  /** Whether the slot has that version already, or a later one. */
  boolean knows(int number, String version) {
    String known = slots.get(number).version();
    return version.equals(known) || isEarlier(version, known);
  }

  /** Replaces a shard, and counts what it has on record. */
  void put(int number, ParseResult<Shard> shard, String version, Duration reclaim) {
    Map<NameOrAddress, OwnershipRecord> before = own(number, slots.get(number).entries());
    set(number, new Slot(shard, version));
    Map<NameOrAddress, OwnershipRecord> after = own(number, slots.get(number).entries());
    count(before, after);
    after.forEach((claim, entry) -> time(claim, entry, reclaim));
  }

  /** Takes note of a shard that was written as it is counted already. */
  void written(
      int number,
      Shard shard,
      String version,
      Map<NameOrAddress, OwnershipRecord> changed,
      Duration reclaim) {
    if (!isEarlier(version, slots.get(number).version())) {
      set(number, new Slot(ParseResult.parsed(shard), version));
    }
    changed.forEach((claim, entry) -> time(claim, entry, reclaim));
  }

  /** Has the object of a shard gone. Returns whether there was one. */
  boolean remove(int number) {
    boolean was = !slots.get(number).equals(Slot.ABSENT);
    count(own(number, slots.get(number).entries()), Map.of());
    set(number, Slot.ABSENT);
    return was;
  }

  private void set(int number, Slot slot) {
    onChange.accept(slots.get(number).entries(), slot.entries());
    slots.set(number, slot);
  }

  /** Takes back what {@link dev.countersign.policy.ownership.ShardUpdate} counted. */
  void undo(Map<NameOrAddress, OwnershipRecord> changed, Shard before) {
    changed.forEach((claim, entry) -> records.replace(claim, entry, before.entry(claim)));
  }

  /** What is in a shard and does not belong there, by the key. */
  Set<NameOrAddress> foreign(int number) {
    Set<NameOrAddress> foreign = new HashSet<>(slots.get(number).entries().entries().keySet());
    key.ifPresent(known -> foreign.removeIf(claim -> known.numberOf(claim) == number));
    return key.isPresent() ? foreign : Set.of();
  }

  private Map<NameOrAddress, OwnershipRecord> own(int number, Shard shard) {
    if (key.isEmpty()) {
      return Map.of();
    }
    Map<NameOrAddress, OwnershipRecord> own = new HashMap<>();
    shard
        .entries()
        .forEach(
            (claim, entry) -> {
              if (key.get().numberOf(claim) == number) {
                own.put(claim, entry);
              }
            });
    return own;
  }

  private void count(
      Map<NameOrAddress, OwnershipRecord> before, Map<NameOrAddress, OwnershipRecord> after) {
    before.forEach(
        (claim, entry) ->
            records.replace(claim, entry, after.getOrDefault(claim, OwnershipRecord.nothing())));
    after.forEach(
        (claim, entry) -> {
          if (!before.containsKey(claim)) {
            records.replace(claim, OwnershipRecord.nothing(), entry);
          }
        });
  }

  private void time(NameOrAddress claim, OwnershipRecord entry, Duration reclaim) {
    Optional<Instant> at = entry.changesAt(reclaim);
    if (at.isEmpty()) {
      timers.remove(claim);
    } else {
      timers.put(claim, at.get());
      nextTimer = at.get().isBefore(nextTimer) ? at.get() : nextTimer;
    }
  }

  /** Has what was looked at too early, and is as it was, looked at again in time. */
  void again(Set<NameOrAddress> claims, Shard shard, Instant now, Duration reclaim) {
    for (NameOrAddress claim : claims) {
      OwnershipRecord entry = shard.entry(claim);
      if (entry.changesAt(reclaim).filter(at -> at.isAfter(now)).isPresent()) {
        time(claim, entry, reclaim);
      }
    }
  }

  /** Names and addresses on record that change now by themselves; each is given once. */
  Set<NameOrAddress> due(Instant now) {
    if (now.isBefore(nextTimer)) {
      return Set.of();
    }
    Set<NameOrAddress> due = new HashSet<>();
    nextTimer = Instant.MAX;
    timers
        .entrySet()
        .removeIf(
            timer -> {
              boolean over = !now.isBefore(timer.getValue());
              if (over) {
                due.add(timer.getKey());
              } else if (timer.getValue().isBefore(nextTimer)) {
                nextTimer = timer.getValue();
              }
              return over;
            });
    return due;
  }

  /**
   * The shards by another key: what each lacks of all that is on record anywhere. Empty where a
   * shard cannot be read, so that nothing of it is lost.
   */
  Optional<List<Map<NameOrAddress, OwnershipRecord>>> lackingBy(ShardKey next) {
    Map<NameOrAddress, OwnershipRecord> all = new HashMap<>();
    List<Map<NameOrAddress, OwnershipRecord>> lacking = new ArrayList<>();
    for (Slot slot : slots) {
      if (!slot.isReadable()) {
        return Optional.empty();
      }
      slot.entries().entries().forEach(all::putIfAbsent);
      lacking.add(new HashMap<>());
    }
    all.forEach(
        (claim, entry) -> {
          int number = next.numberOf(claim);
          if (slots.get(number).entries().entry(claim).isNothing()) {
            lacking.get(number).put(claim, entry);
          }
        });
    return Optional.of(lacking);
  }

  private static boolean isEarlier(String version, String other) {
    try {
      return !other.isEmpty()
          && Long.compareUnsigned(Long.parseUnsignedLong(version), Long.parseUnsignedLong(other))
              < 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
