package dev.countersign.approver.cluster;

import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.name.Claimable;
import dev.countersign.policy.name.IpAddress;
import dev.countersign.policy.name.IpRange;
import dev.countersign.policy.name.NodeName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/** Which Nodes name which addresses and names in their status. Thread-safe. */
final class ClaimIndex {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Claimable, Set<NodeName>> claimants = new HashMap<>();
  private final NavigableMap<IpAddress, Set<NodeName>> byAddress = new TreeMap<>();

  void remove(NodeFact node) {
    lock.lock();
    try {
      for (Claimable claim : claims(node)) {
        Set<NodeName> all = claimants.get(claim);
        if (all != null) {
          all.remove(node.name());
          if (all.isEmpty()) {
            claimants.remove(claim);
            if (claim instanceof IpAddress address) {
              byAddress.remove(address);
            }
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  void add(NodeFact node) {
    lock.lock();
    try {
      for (Claimable claim : claims(node)) {
        Set<NodeName> all = claimants.computeIfAbsent(claim, ignored -> new HashSet<>(2));
        all.add(node.name());
        if (claim instanceof IpAddress address) {
          byAddress.put(address, all);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  static Set<Claimable> claims(NodeFact node) {
    Set<Claimable> all = new HashSet<>(node.dnsNames());
    all.addAll(node.ipAddresses());
    return all;
  }

  /** Everything that is named by some Node. */
  Set<Claimable> all() {
    lock.lock();
    try {
      return Set.copyOf(claimants.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** The Nodes that name it, in no order. */
  Set<NodeName> claimants(Claimable claim) {
    lock.lock();
    try {
      return Set.copyOf(claimants.getOrDefault(claim, Set.of()));
    } finally {
      lock.unlock();
    }
  }

  /** The Nodes that name an address in the range. */
  List<NodeName> in(IpRange range) {
    lock.lock();
    try {
      List<NodeName> found = new ArrayList<>();
      for (Map.Entry<IpAddress, Set<NodeName>> entry :
          byAddress.tailMap(range.first(), true).entrySet()) {
        if (!range.contains(entry.getKey())) {
          break;
        }
        found.addAll(entry.getValue());
      }
      return found;
    } finally {
      lock.unlock();
    }
  }
}
