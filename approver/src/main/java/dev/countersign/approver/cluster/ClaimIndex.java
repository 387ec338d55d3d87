package dev.countersign.approver.cluster;

import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.name.Claimable;
import dev.countersign.policy.name.NodeName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/** Which Nodes name which addresses and names in their status. Thread-safe. */
final class ClaimIndex {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Claimable, Set<NodeName>> claimants = new HashMap<>();

  void remove(NodeFact node) {
    lock.lock();
    try {
      for (Claimable claim : claims(node)) {
        Set<NodeName> all = claimants.get(claim);
        if (all != null) {
          all.remove(node.name());
          if (all.isEmpty()) {
            claimants.remove(claim);
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
        claimants.computeIfAbsent(claim, ignored -> new HashSet<>(2)).add(node.name());
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
}
