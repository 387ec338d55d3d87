package dev.countersign.approver.ownership;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.Ownership;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How often a Node's changes are looked at: some at once, then one in each interval. A Node that
 * changes its addresses all the time so delays itself and no other: changes that wait come to one
 * look at what the Node claims by then. Not safe for use by several threads.
 */
final class ChangePace {
  private static final Duration SWEEP = Duration.ofMinutes(1);

  /** When each Node would have used up nothing, if that is still to come (GCRA). */
  private final Map<NodeName, Instant> clear = new HashMap<>();

  private final Map<NodeName, Instant> waiting = new HashMap<>();
  private Instant next = Instant.MAX;
  private Instant lastSweep = Instant.MIN;

  /** Whether a change of a Node may be looked at now; if not, {@link #due} gives it later. */
  boolean mayLook(NodeName node, Instant now, Ownership.PerNode limits) {
    if (waiting.containsKey(node)) {
      return false;
    }
    Duration interval = limits.changeInterval();
    Instant from = clear.getOrDefault(node, now);
    Instant since = from.isBefore(now) ? now : from;
    Instant earliest = since.minus(interval.multipliedBy(limits.changeBurst() - 1L));
    if (now.isBefore(earliest)) {
      waiting.put(node, earliest);
      next = earliest.isBefore(next) ? earliest : next;
      return false;
    }
    if (!interval.isZero()) {
      clear.put(node, since.plus(interval));
    }
    return true;
  }

  /** The Nodes that had to wait and may be looked at now; each counts as one change. */
  Set<NodeName> due(Instant now, Ownership.PerNode limits) {
    if (now.isBefore(next)) {
      return Set.of();
    }
    Set<NodeName> due = new TreeSet<>();
    next = Instant.MAX;
    for (Iterator<Map.Entry<NodeName, Instant>> all = waiting.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<NodeName, Instant> one = all.next();
      if (!now.isBefore(one.getValue())) {
        due.add(one.getKey());
        all.remove();
      } else if (one.getValue().isBefore(next)) {
        next = one.getValue();
      }
    }
    due.forEach(node -> mayLook(node, now, limits));
    return due;
  }

  /** When {@link #due} gives something next. */
  Optional<Instant> next() {
    return next.equals(Instant.MAX) ? Optional.empty() : Optional.of(next);
  }

  /** How many Nodes wait. */
  int waiting() {
    return waiting.size();
  }

  /** Forgets the Nodes that have not changed lately, at most once a minute. */
  void sweep(Instant now) {
    if (now.isAfter(lastSweep.plus(SWEEP))) {
      lastSweep = now;
      clear.values().removeIf(at -> !at.isAfter(now));
    }
  }
}
