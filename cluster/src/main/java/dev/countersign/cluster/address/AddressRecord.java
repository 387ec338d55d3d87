package dev.countersign.cluster.address;

import dev.countersign.common.name.Claimable;
import dev.countersign.policy.ownership.Entry;
import java.util.Objects;
import java.util.Optional;

/**
 * One name or address and its record.
 *
 * @param address the name or address
 * @param entry whose it is and who waits
 */
public record AddressRecord(Claimable address, Entry entry) {
  public AddressRecord {
    Objects.requireNonNull(address, "address");
    Objects.requireNonNull(entry, "entry");
  }

  /** The name of the Node that holds it; empty where nobody does. */
  public Optional<String> owner() {
    return entry.state() instanceof Entry.State.Held held
        ? Optional.of(held.holder().node().text())
        : Optional.empty();
  }

  /** Whether a Node holds it, held it last, or waits for it. */
  public boolean concerns(String node) {
    boolean own =
        switch (entry.state()) {
          case Entry.State.Held held -> held.holder().node().text().equals(node);
          case Entry.State.Left left -> left.former().text().equals(node);
          case Entry.State.Free _ -> false;
        };
    return own
        || entry.waiting().stream()
            .anyMatch(waiting -> waiting.claimant().node().text().equals(node));
  }
}
