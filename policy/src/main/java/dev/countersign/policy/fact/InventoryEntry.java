package dev.countersign.policy.fact;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import java.util.List;
import java.util.Set;

/**
 * What an inventory says one Node may be called and be reached at.
 *
 * @param names its DNS names
 * @param addresses its addresses
 * @param ranges ranges from which it may have any address
 */
public record InventoryEntry(Set<DnsName> names, Set<IpAddress> addresses, List<IpRange> ranges) {
  public InventoryEntry {
    names = Set.copyOf(names);
    addresses = Set.copyOf(addresses);
    ranges = List.copyOf(ranges);
  }

  /** Whether the Node may have that address. */
  public boolean allows(IpAddress address) {
    return addresses.contains(address)
        || ranges.stream().anyMatch(range -> range.contains(address));
  }

  /** Whether the Node may have that name. */
  public boolean allows(DnsName name) {
    return names.contains(name);
  }
}
