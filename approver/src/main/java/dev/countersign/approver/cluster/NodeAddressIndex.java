package dev.countersign.approver.cluster;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.ownership.ReportedAddresses;
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
final class NodeAddressIndex {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<NodeName, ReportedAddresses> claims = new HashMap<>();
  private final Map<NameOrAddress, Map<NodeName, ReportedAddresses>> claimants = new HashMap<>();

  /** Takes in a Node, in place of the one that had its name. */
  void put(NodeFact node) {
    ReportedAddresses read = ReportedAddresses.of(node);
    lock.lock();
    try {
      take(node.name());
      claims.put(node.name(), read);
      for (NameOrAddress claim : read.inStatus()) {
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
    ReportedAddresses had = claims.remove(node);
    for (NameOrAddress claim : had == null ? List.<NameOrAddress>of() : had.inStatus()) {
      Map<NodeName, ReportedAddresses> all = claimants.get(claim);
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
  Set<NameOrAddress> all() {
    lock.lock();
    try {
      return Collections.unmodifiableSet(new HashSet<>(claimants.keySet()));
    } finally {
      lock.unlock();
    }
  }

  /** What the Node of that name claims; empty where there is none. */
  Optional<ReportedAddresses> of(NodeName node) {
    lock.lock();
    try {
      return Optional.ofNullable(claims.get(node));
    } finally {
      lock.unlock();
    }
  }

  /** The Nodes that claim it in their status, in no order, each with all that it claims. */
  List<ReportedAddresses> claimants(NameOrAddress claim) {
    lock.lock();
    try {
      return List.copyOf(claimants.getOrDefault(claim, Map.of()).values());
    } finally {
      lock.unlock();
    }
  }
}
