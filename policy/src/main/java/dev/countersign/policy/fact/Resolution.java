package dev.countersign.policy.fact;

import dev.countersign.common.name.IpAddress;
import java.util.Set;

/** What a forward DNS lookup of one name gave. */
public sealed interface Resolution {
  /**
   * A and AAAA records.
   *
   * @param addresses at least one
   */
  record Addresses(Set<IpAddress> addresses) implements Resolution {
    public Addresses {
      addresses = Set.copyOf(addresses);
    }
  }

  /** The name does not exist or has no address. */
  record None() implements Resolution {}
}
