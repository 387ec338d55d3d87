package dev.countersign.policy.ownership;

import dev.countersign.policy.fact.Holding;
import dev.countersign.policy.name.NodeName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The record of one name or address. Immutable; {@link #observe} gives the next one and is
 * idempotent: observing the same twice changes nothing.
 *
 * @param state whose it is
 * @param waiting who else claims it, earliest first, at most {@value #MOST_WAITING}
 */
public record Entry(State state, List<Waiting> waiting) {
  /** How many claimants besides the holder are remembered. */
  public static final int MOST_WAITING = 8;

  private static final Entry NOTHING = new Entry(new State.Free(), List.of());

  public Entry {
    Objects.requireNonNull(state, "state");
    waiting =
        waiting.stream()
            .sorted(Comparator.comparing(Waiting::since).thenComparing(Waiting::claimant))
            .limit(MOST_WAITING)
            .toList();
  }

  /** Whose it is. */
  public sealed interface State {
    /** Nobody's; such an entry need not be kept unless several wait for it. */
    record Free() implements State {}

    /**
     * A Node's.
     *
     * @param holder which
     * @param since when it became so
     * @param basis on what ground
     */
    record Held(Claimant holder, Instant since, Basis basis) implements State {
      public Held {
        Objects.requireNonNull(holder, "holder");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(basis, "basis");
      }
    }

    /**
     * Its holder has left it.
     *
     * @param former who held it
     * @param left when that was seen
     */
    record Left(NodeName former, Instant left) implements State {
      public Left {
        Objects.requireNonNull(former, "former");
        Objects.requireNonNull(left, "left");
      }
    }
  }

  /** Why a Node holds something. */
  public enum Basis {
    /** It claimed it first. */
    FIRST_CLAIM,
    /** It is the Node's own name. */
    NAMESAKE,
    /** An operator said so. */
    SETTLED
  }

  /**
   * A claimant that is not the holder.
   *
   * @param claimant who
   * @param since when its claim was first seen
   */
  public record Waiting(Claimant claimant, Instant since) {
    public Waiting {
      Objects.requireNonNull(claimant, "claimant");
      Objects.requireNonNull(since, "since");
    }
  }

  /** The entry of something nobody has claimed. */
  public static Entry nothing() {
    return NOTHING;
  }

  /** Whether it says nothing, so that it need not be kept. */
  public boolean isNothing() {
    return equals(NOTHING);
  }

  /**
   * The entry after an observation.
   *
   * @param reclaim how long a former holder may come back
   */
  public Entry observe(Observation seen, Duration reclaim) {
    if (seen.namesake().isPresent()) {
      Claimant owner = seen.namesake().get();
      State held =
          state instanceof State.Held current && current.holder().equals(owner)
              ? current
              : new State.Held(owner, seen.at(), Basis.NAMESAKE);
      return new Entry(held, waiting(seen, owner));
    }
    return switch (state) {
      case State.Held held -> observeHeld(held, seen, reclaim);
      case State.Left left -> observeLeft(left, seen, reclaim);
      case State.Free _ -> observeFree(seen);
    };
  }

  private Entry observeHeld(State.Held held, Observation seen, Duration reclaim) {
    if (seen.claimants().contains(held.holder())) {
      return new Entry(held, waiting(seen, held.holder()));
    }
    Optional<Claimant> anew = ofName(held.holder().node(), seen);
    if (anew.isPresent()) {
      State again = new State.Held(anew.get(), seen.at(), held.basis());
      return new Entry(again, waiting(seen, anew.get()));
    }
    boolean wasAlone = waiting.isEmpty();
    // What may go to nobody else is kept for its holder, in case its Node is created anew.
    if (wasAlone && seen.recordable() && !seen.exists(held.holder().node())) {
      return nothing().observeFree(seen);
    }
    State.Left left = new State.Left(held.holder().node(), seen.at());
    return new Entry(left, waiting).observeLeft(left, seen, reclaim);
  }

  private Entry observeLeft(State.Left left, Observation seen, Duration reclaim) {
    Optional<Claimant> back = ofName(left.former(), seen);
    if (back.isPresent() && seen.recordable()) {
      return new Entry(
          new State.Held(back.get(), seen.at(), Basis.FIRST_CLAIM), waiting(seen, back.get()));
    }
    Entry still = new Entry(left, waiting(seen));
    if (seen.at().isBefore(left.left().plus(reclaim))) {
      return still;
    }
    if (still.waiting.isEmpty()) {
      return nothing();
    }
    if (!seen.recordable()) {
      return still;
    }
    Waiting first = still.waiting.getFirst();
    boolean tied = still.waiting.size() > 1 && still.waiting.get(1).since().equals(first.since());
    return tied
        ? new Entry(new State.Free(), still.waiting)
        : new Entry(
            new State.Held(first.claimant(), seen.at(), Basis.FIRST_CLAIM),
            waiting(seen, first.claimant()));
  }

  private Entry observeFree(Observation seen) {
    Set<Claimant> claimants = seen.sorted();
    if (claimants.isEmpty()) {
      return nothing();
    }
    if (!seen.recordable()) {
      return nothing();
    }
    if (claimants.size() == 1) {
      Claimant only = claimants.iterator().next();
      return new Entry(new State.Held(only, seen.at(), Basis.FIRST_CLAIM), List.of());
    }
    return new Entry(new State.Free(), waiting(seen));
  }

  /** The entry after an operator has said whose it is. Who else claims it waits. */
  public Entry settle(Claimant owner, Instant at) {
    List<Waiting> rest = new ArrayList<>();
    if (state instanceof State.Held held && !held.holder().equals(owner)) {
      rest.add(new Waiting(held.holder(), held.since()));
    }
    waiting.stream().filter(other -> !other.claimant().equals(owner)).forEach(rest::add);
    return new Entry(new State.Held(owner, at, Basis.SETTLED), rest);
  }

  /**
   * Who holds it, as the policy's checks see it.
   *
   * @param reclaim as for {@link #observe}
   */
  public Holding holding(Duration reclaim) {
    return switch (state) {
      case State.Held(Claimant holder, Instant since, Basis _) ->
          new Holding.HeldBy(holder.node(), holder.uid(), since);
      case State.Left(NodeName _, Instant left) ->
          waiting.isEmpty()
              ? new Holding.Unclaimed()
              : new Holding.Reserved(waiting.getFirst().claimant().node(), left.plus(reclaim));
      case State.Free _ ->
          waiting.isEmpty()
              ? new Holding.Unclaimed()
              : new Holding.Contested(
                  waiting.stream().map(other -> other.claimant().node()).toList());
    };
  }

  /** Whether the Node of that name holds it, or held it last. */
  boolean wasHeldBy(NodeName node) {
    return switch (state) {
      case State.Held held -> held.holder().node().equals(node);
      case State.Left left -> left.former().equals(node);
      case State.Free _ -> false;
    };
  }

  /** When {@link #observe} would change it although nothing else does. */
  public Optional<Instant> changesAt(Duration reclaim) {
    return state instanceof State.Left(NodeName _, Instant left)
        ? Optional.of(left.plus(reclaim))
        : Optional.empty();
  }

  private static Optional<Claimant> ofName(NodeName node, Observation seen) {
    return seen.sorted().stream().filter(claimant -> claimant.node().equals(node)).findFirst();
  }

  private List<Waiting> waiting(Observation seen, Claimant holder) {
    return waiting(seen).stream().filter(other -> !other.claimant().equals(holder)).toList();
  }

  /** Those who claim it now, with the time their claim was first seen. */
  private List<Waiting> waiting(Observation seen) {
    List<Waiting> next = new ArrayList<>();
    for (Claimant claimant : seen.sorted()) {
      next.add(
          waiting.stream()
              .filter(other -> other.claimant().equals(claimant))
              .findFirst()
              .orElseGet(() -> new Waiting(claimant, seen.at())));
    }
    return next;
  }
}
