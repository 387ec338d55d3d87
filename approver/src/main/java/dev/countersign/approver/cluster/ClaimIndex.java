package dev.countersign.approver.cluster;

import dev.countersign.common.name.Claimable;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.ownership.NodeClaims;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What each Node claims, and which Nodes claim what in their status. Read once for each change of a
 * Node: a kubelet that names hundreds of addresses costs no more however often they are looked up.
 * Thread-safe.
 */
final class ClaimIndex {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<NodeName, NodeClaims> claims = new HashMap<>();
  private final Map<Claimable, Map<NodeName, NodeClaims>> claimants = new HashMap<>();

  /** Takes in a Node, in place of the one that had its name. */
  void put(NodeFact node) {
    NodeClaims read = NodeClaims.of(node);
    lock.lock();
    try {
      take(node.name());
      claims.put(node.name(), read);
      for (Claimable claim : read.inStatus()) {
        claimants.computeIfAbsent(claim, ignored -> new HashMap<>(2)).put(node.name(), read);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Forgets the Node of that name. */
  void remove(NodeName node) {
    lock.lock();
    try {
      take(node);
    } finally {
      lock.unlock();
    }
  }

  private void take(NodeName node) {
    NodeClaims had = claims.remove(node);
    for (Claimable claim : had == null ? List.<Claimable>of() : had.inStatus()) {
      Map<NodeName, NodeClaims> all = claimants.get(claim);
      if (all != null) {
        all.remove(node);
        if (all.isEmpty()) {
          claimants.remove(claim);
        }
      }
    }
  }

  /**
   * Everything that some Node claims in its status. Not a {@link Set#copyOf}, which compares each
   * with all of the same hash: kubelets choose these.
   */
  Set<Claimable> all() {
    lock.lock();
    try {
      return Collections.unmodifiableSet(new HashSet<>(claimants.keySet()));
    } finally {
      lock.unlock();
    }
  }

  /** What the Node of that name claims; empty where there is none. */
  Optional<NodeClaims> of(NodeName node) {
    lock.lock();
    try {
      return Optional.ofNullable(claims.get(node));
    } finally {
      lock.unlock();
    }
  }

  /** The Nodes that claim it in their status, in no order, each with all that it claims. */
  List<NodeClaims> claimants(Claimable claim) {
    lock.lock();
    try {
      return List.copyOf(claimants.getOrDefault(claim, Map.of()).values());
    } finally {
      lock.unlock();
    }
  }
}
