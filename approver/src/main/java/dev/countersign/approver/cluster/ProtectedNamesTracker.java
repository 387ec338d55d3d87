package dev.countersign.approver.cluster;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.policy.fact.ProtectedIndex;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import dev.countersign.policy.ownership.OwnedAddresses;
import dev.countersign.policy.ownership.Shard;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What is the cluster's own at any moment. Thread-safe: whoever asks finds an object as it was
 * before a change or as it is after it, and nothing between.
 */
final class ProtectedNamesTracker implements ProtectedSpace {
  private final Supplier<Optional<ServiceRangesUnknown>> serviceRangesUnknown;
  private final ReentrantLock lock = new ReentrantLock();
  private final OwnedAddresses held = new OwnedAddresses();
  private final ProtectedIndex index = new ProtectedIndex(held);

  /**
   * An empty one.
   *
   * @param serviceRangesUnknown that the ranges of Services are not known now, if they are not
   */
  ProtectedNamesTracker(Supplier<Optional<ServiceRangesUnknown>> serviceRangesUnknown) {
    this.serviceRangesUnknown = serviceRangesUnknown;
  }

  @Override
  public Optional<ServiceRangesUnknown> serviceRangesUnknown() {
    return serviceRangesUnknown.get();
  }

  /** As {@link ProtectedIndex#replace}. */
  void replace(Set<Protection> before, Set<Protection> after) {
    lock.lock();
    try {
      index.replace(before, after);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link OwnedAddresses#replace}. */
  void replace(Shard before, Shard after) {
    lock.lock();
    try {
      held.replace(before, after);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Source> protecting(DnsName name) {
    lock.lock();
    try {
      return index.protecting(name);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Source> protecting(IpAddress address, Predicate<IpRange> believed) {
    lock.lock();
    try {
      return index.protecting(address, believed);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link ProtectedIndex#sizes}. */
  Map<Kind, Integer> sizes() {
    lock.lock();
    try {
      return index.sizes();
    } finally {
      lock.unlock();
    }
  }
}
