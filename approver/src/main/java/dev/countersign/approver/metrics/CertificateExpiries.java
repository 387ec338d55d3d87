package dev.countersign.approver.metrics;

import dev.countersign.common.name.NodeName;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * When the newest serving certificate of each Node expires, for a bounded number of Nodes: each is
 * a time series of its own. Thread-safe.
 */
public final class CertificateExpiries {
  private final int most;
  private final Map<NodeName, Instant> byNode = new HashMap<>();

  /** Remembers {@code most} Nodes at most; none with 0. */
  public CertificateExpiries(int most) {
    if (most < 0) {
      throw new IllegalArgumentException("most: got " + most + "; want 0 or more");
    }
    this.most = most;
  }

  /** Whether anything is remembered. */
  public boolean on() {
    return most > 0;
  }

  /** Takes note of a certificate; an older one changes nothing. */
  public synchronized void issued(NodeName node, Instant notAfter) {
    if (byNode.containsKey(node) || byNode.size() < most) {
      byNode.merge(node, notAfter, (known, next) -> next.isAfter(known) ? next : known);
    }
  }

  /** Forgets a Node that is gone. */
  public synchronized void gone(NodeName node) {
    byNode.remove(node);
  }

  /** In Unix time, by the Node's name. */
  public synchronized Map<String, Double> seconds() {
    Map<String, Double> all = new HashMap<>();
    byNode.forEach((node, notAfter) -> all.put(node.text(), (double) notAfter.getEpochSecond()));
    return all;
  }

  /** How many Nodes are remembered. */
  public synchronized int size() {
    return byNode.size();
  }
}
