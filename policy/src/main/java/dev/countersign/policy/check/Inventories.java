package dev.countersign.policy.check;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The answers of the inventories, combined as the policy file says. */
final class Inventories {
  private final Inventory.Combine combine;
  private final List<InventoryEntry> entries = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();
  private final List<String> silent = new ArrayList<>();

  private Inventories(Inventory config, Facts facts) {
    combine = config.combine();
    for (InventorySource source : config.sources()) {
      Fact<Optional<InventoryEntry>> answer =
          facts.inventory().getOrDefault(source.name(), Fact.unknown("not looked up"));
      switch (answer) {
        case Fact.Unknown<Optional<InventoryEntry>>(String why) ->
            unknown.add(source.name() + ": " + why);
        case Fact.Known<Optional<InventoryEntry>>(Optional<InventoryEntry> entry) ->
            entry.ifPresentOrElse(entries::add, () -> silent.add(source.name()));
      }
      if (combine == Inventory.Combine.FIRST_MATCH && (!entries.isEmpty() || !unknown.isEmpty())) {
        break;
      }
    }
  }

  /** The answers, where the configuration asks for any. */
  static Optional<Inventories> of(PolicyConfig config, Facts facts) {
    return config.inventory().map(inventory -> new Inventories(inventory, facts));
  }

  /** What could not be found out and matters: {@code source: why}. */
  List<String> unknown() {
    return unknown;
  }

  /** Whether no source that may decide knows the Node. */
  boolean isMissing() {
    return switch (combine) {
      case FIRST_MATCH, ANY -> entries.isEmpty();
      case ALL -> entries.isEmpty() || !silent.isEmpty();
    };
  }

  /** Whether every source that was asked answered, and none knows the Node. */
  boolean nobodyKnowsIt() {
    return unknown.isEmpty() && entries.isEmpty();
  }

  /** Whether the sources give the Node that name or address, alone or within a range. */
  boolean allow(NameOrAddress claim) {
    return combined(
        entry ->
            switch (claim) {
              case DnsName name -> entry.allows(name);
              case IpAddress address -> entry.allows(address);
            });
  }

  /**
   * Whether the sources give exactly that name or address to the Node, which settles whose it is.
   */
  boolean assign(NameOrAddress claim) {
    return combined(
        entry ->
            switch (claim) {
              case DnsName name -> entry.names().contains(name);
              case IpAddress address -> entry.addresses().contains(address);
            });
  }

  private boolean combined(Predicate<InventoryEntry> allows) {
    return switch (combine) {
      case FIRST_MATCH, ANY -> entries.stream().anyMatch(allows);
      case ALL ->
          unknown.isEmpty()
              && silent.isEmpty()
              && !entries.isEmpty()
              && entries.stream().allMatch(allows);
    };
  }
}
