package dev.countersign.cluster.address;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.ownership.OwnershipRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * One name or address and its record.
 *
 * @param address the name or address
 * @param entry whose it is and who waits
 */
public record AddressRecord(NameOrAddress address, OwnershipRecord entry) {
  public AddressRecord {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(entry, "entry");
  }

  /** The name of the Node that owns it; empty where none does. */
  public Optional<String> owner() {
    return entry.state() instanceof OwnershipRecord.State.Held held
        ? Optional.of(held.holder().node().text())
        : Optional.empty();
  }

  /** Whether a Node claims it that does not hold it. */
  public boolean isContested() {
    return !entry.waiting().isEmpty();
  }

  /** When its state began; empty where no Node owns it. */
  public Optional<Instant> since() {
    return switch (entry.state()) {
      case OwnershipRecord.State.Held held -> Optional.of(held.since());
      case OwnershipRecord.State.Left left -> Optional.of(left.left());
      case OwnershipRecord.State.Free _ -> Optional.empty();
    };
  }

  /** Whose it is and on what ground, in words. */
  public String state() {
    return switch (entry.state()) {
      case OwnershipRecord.State.Held held ->
          held.basis().name().toLowerCase(Locale.ROOT).replace('_', '-');
      case OwnershipRecord.State.Left left -> "left by " + left.former();
      case OwnershipRecord.State.Free free ->
          entry.waiting().isEmpty()
              ? "free"
              : free.former().map(node -> "contested, last owned by " + node).orElse("contested");
    };
  }

  /** The Nodes that claim it and do not hold it, and how many more do. */
  public List<String> waiting() {
    List<String> nodes = new ArrayList<>();
    entry.waiting().forEach(other -> nodes.add(other.claimant().node().text()));
    if (entry.unlisted() > 0) {
      nodes.add("and " + entry.unlisted() + " more");
    }
    return nodes;
  }

  /** Whether a Node owns it, owned it last, or waits for it. */
  public boolean concerns(String node) {
    boolean own =
        switch (entry.state()) {
          case OwnershipRecord.State.Held held -> held.holder().node().text().equals(node);
          case OwnershipRecord.State.Left left -> left.former().text().equals(node);
          case OwnershipRecord.State.Free _ -> false;
        };
    return own
        || entry.waiting().stream()
            .anyMatch(waiting -> waiting.claimant().node().text().equals(node));
  }
}
