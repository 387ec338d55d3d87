package dev.countersign.approver.cluster;

import dev.countersign.policy.fact.ProtectedIndex;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.name.DnsName;
import dev.countersign.policy.name.IpAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What is the cluster's own at any moment. Thread-safe: whoever asks finds an object as it was
 * before a change or as it is after it, and nothing between.
 */
final class LiveSpace implements ProtectedSpace {
  private final ReentrantLock lock = new ReentrantLock();
  private final ProtectedIndex index = new ProtectedIndex();

  /** As {@link ProtectedIndex#replace}. */
  void replace(Set<Protection> before, Set<Protection> after) {
    lock.lock();
    try {
      index.replace(before, after);
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
  public Optional<Source> protecting(IpAddress address) {
    lock.lock();
    try {
      return index.protecting(address);
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
