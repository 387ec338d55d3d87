package dev.countersign.approver.cluster;

import dev.countersign.common.name.Claimable;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.NodeFact;
import java.util.Collections;
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
    Set<Claimable> claims = claims(node);
    lock.lock();
    try {
      for (Claimable claim : claims) {
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
    Set<Claimable> claims = claims(node);
    lock.lock();
    try {
      for (Claimable claim : claims) {
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

  /**
   * Everything that is named by some Node. Not a {@link Set#copyOf}, which compares each with all
   * of the same hash: kubelets choose these.
   */
  Set<Claimable> all() {
    lock.lock();
    try {
      return Collections.unmodifiableSet(new HashSet<>(claimants.keySet()));
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
