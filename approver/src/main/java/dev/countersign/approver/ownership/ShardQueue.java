package dev.countersign.approver.ownership;

import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.ownership.Shard;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What is to be looked at, by shard. A shard is with one worker at a time, and one that could not
 * be written waits by itself, for a time that doubles, while the others go on. What honest Nodes
 * cause comes before what Nodes cause that change all the time.
 *
 * <p>Nodes are kept, not their names and addresses: however often a Node changes while nothing can
 * be written, it is here once for each shard. Not safe for use by several threads.
 */
final class ShardQueue {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /**
   * What is to be looked at in one shard.
   *
   * @param nodes the Nodes whose claims and records are
   * @param claims further names and addresses on record
   * @param all whether everything on record is
   */
  record Work(int number, Set<NodeName> nodes, Set<NameOrAddress> claims, boolean all) {}

  /** How soon. */
  enum Urgency {
    /** In turn. */
    NORMAL,
    /** When nothing else is to be done, and one shard at a time. */
    LOW
  }

  private static final class Part {
    private Set<NodeName> nodes = new HashSet<>();
    private Set<NameOrAddress> claims = new HashSet<>();
    private boolean all;
    private boolean urgent;
    private boolean waiting;
    private long turn;
    private boolean taken;
    private boolean takenInTurn;
    private int failures;
    private Instant notBefore = Instant.MIN;
  }

  private final Part[] parts = new Part[Shard.COUNT];
  private long turns;

  ShardQueue() {
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Part();
    }
  }

  void addNode(int number, NodeName node, Urgency urgency) {
    parts[number].nodes.add(node);
    wants(parts[number], urgency);
  }

  void addClaim(int number, NameOrAddress claim, Urgency urgency) {
    parts[number].claims.add(claim);
    wants(parts[number], urgency);
  }

  /** Everything that the shard has on record. */
  void addAll(int number) {
    parts[number].all = true;
    wants(parts[number], Urgency.NORMAL);
  }

  private void wants(Part part, Urgency urgency) {
    if (!part.waiting) {
      part.waiting = true;
      part.turn = turns++;
    }
    part.urgent |= urgency == Urgency.NORMAL;
  }

  /** The shard whose turn it is, for one worker; empty where none can be looked at now. */
  Optional<Work> take(Instant now) {
    int next = -1;
    boolean onlyInTurn = isAnyTakenOutOfTurn();
    for (int i = 0; i < parts.length; i++) {
      Part part = parts[i];
      boolean ready =
          part.waiting
              && !part.taken
              && (part.urgent || !onlyInTurn)
              && !now.isBefore(part.notBefore);
      if (ready && (next < 0 || isBefore(part, parts[next]))) {
        next = i;
      }
    }
    if (next < 0) {
      return Optional.empty();
    }
    Part part = parts[next];
    Work work = new Work(next, part.nodes, part.claims, part.all);
    part.nodes = new HashSet<>();
    part.claims = new HashSet<>();
    part.all = false;
    part.takenInTurn = part.urgent;
    part.urgent = false;
    part.waiting = false;
    part.taken = true;
    return Optional.of(work);
  }

  private boolean isAnyTakenOutOfTurn() {
    for (Part part : parts) {
      if (part.taken && !part.takenInTurn) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBefore(Part one, Part other) {
    return one.urgent == other.urgent ? one.turn < other.turn : one.urgent;
  }

  /** The shard was looked at and is written as it should be. */
  void done(Work work) {
    Part part = parts[work.number()];
    part.taken = false;
    part.failures = 0;
    part.notBefore = Instant.MIN;
  }

  /** The shard could not be written: all of it is to be looked at again, after the pause. */
  Duration failed(Work work, Instant now) {
    Part part = parts[work.number()];
    part.taken = false;
    part.nodes.addAll(work.nodes());
    part.claims.addAll(work.claims());
    part.all |= work.all();
    wants(part, Urgency.NORMAL);
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(part.failures, 5));
    pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    part.failures++;
    part.notBefore = now.plus(pause);
    return pause;
  }

  /** Whether a worker has that shard now. */
  boolean isTaken(int number) {
    return parts[number].taken;
  }

  /** Whether there is nothing to do but what can wait. */
  boolean isIdle() {
    for (Part part : parts) {
      if (part.taken || (part.waiting && part.urgent)) {
        return false;
      }
    }
    return true;
  }

  /** Forgets what is to be looked at; what workers have they have. */
  void clear() {
    for (Part part : parts) {
      part.nodes.clear();
      part.claims.clear();
      part.all = false;
      part.urgent = false;
      part.waiting = false;
      part.failures = 0;
      part.notBefore = Instant.MIN;
    }
  }
}
