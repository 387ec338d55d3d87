package dev.countersign.policy.ownership;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.AddressOwnership;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
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
 * @param unlisted how many more claim it; the first of them is listed when one of the others goes
 */
public record OwnershipRecord(State state, List<Waiting> waiting, int unlisted) {
  /** How many claimants besides the owner are listed. */
  public static final int MOST_WAITING = 8;

  private static final Comparator<Waiting> EARLIEST =
      Comparator.comparing(Waiting::since).thenComparing(Waiting::claimant);
  private static final OwnershipRecord NOTHING =
      new OwnershipRecord(new State.Free(), List.of(), 0);

  public OwnershipRecord {
    Objects.requireNonNull(state, "state");
    if (waiting.size() > MOST_WAITING || unlisted < 0) {
      throw new IllegalArgumentException(
          waiting.size() + " waiting, " + unlisted + " unlisted; want at most " + MOST_WAITING);
    }
    waiting = waiting.stream().sorted(EARLIEST).toList();
  }

  /** Whose it is. */
  public sealed interface State {
    /**
     * Nobody's; such an entry need not be kept unless several wait for it.
     *
     * @param former who owned it last, and gets it back before any who wait
     */
    record Free(Optional<NodeName> former) implements State {
      public Free {
        Objects.requireNonNull(former, "former");
      }

      /** No Node owns it, and none has. */
      public Free() {
        this(Optional.empty());
      }
    }

    /**
     * A Node's.
     *
     * @param holder which
     * @param since when it became so
     * @param basis on what ground
     */
    record Held(ReportingNode holder, Instant since, Basis basis) implements State {
      public Held {
        Objects.requireNonNull(holder, "holder");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(basis, "basis");
      }
    }

    /**
     * Its owner has left it, or its owner's Node was deleted.
     *
     * @param former who owned it
     * @param left when that was seen
     */
    record Left(NodeName former, Instant left) implements State {
      public Left {
        Objects.requireNonNull(former, "former");
        Objects.requireNonNull(left, "left");
      }
    }
  }

  /** Why a Node owns something. */
  public enum Basis {
    /** It claimed it first. */
    FIRST_CLAIM,
    /** It is the Node's own name, and no other claimant existed before the Node did. */
    NAMESAKE,
    /** An operator said so. */
    SETTLED
  }

  /**
   * A claimant that is not the owner.
   *
   * @param claimant who
   * @param since when its claim was first seen
   */
  public record Waiting(ReportingNode claimant, Instant since) {
    public Waiting {
      Objects.requireNonNull(claimant, "claimant");
      Objects.requireNonNull(since, "since");
    }
  }

  /** The entry of something nobody has claimed. */
  public static OwnershipRecord nothing() {
    return NOTHING;
  }

  /** Whether it says nothing, so that it need not be kept. */
  public boolean isNothing() {
    return equals(NOTHING);
  }

  /** The Nodes on record here: who owns it or owned it last, and who waits. */
  public Set<NodeName> nodes() {
    Set<NodeName> nodes = new HashSet<>();
    owner().ifPresent(nodes::add);
    waiting.forEach(other -> nodes.add(other.claimant().node()));
    return nodes;
  }

  /** Who owns it, or owned it last. */
  public Optional<NodeName> owner() {
    return switch (state) {
      case State.Held held -> Optional.of(held.holder().node());
      case State.Left left -> Optional.of(left.former());
      case State.Free free -> free.former();
    };
  }

  /** Whether the Node of that name owns it, or owned it last. */
  boolean wasHeldBy(NodeName node) {
    return owner().filter(node::equals).isPresent();
  }

  /**
   * The entry after an observation.
   *
   * @param reclaim how long a former owner may come back
   */
  public OwnershipRecord observe(Observation seen, Duration reclaim) {
    return switch (state) {
      case State.Held held -> observeHeld(held, seen, reclaim);
      case State.Left left -> observeLeft(left, seen, reclaim);
      case State.Free free -> observeFree(free, seen);
    };
  }

  private OwnershipRecord observeHeld(State.Held held, Observation seen, Duration reclaim) {
    if (seen.claimants().contains(held.holder())) {
      return with(held, seen);
    }
    Optional<ReportingNode> anew = ofName(held.holder().node(), seen);
    if (anew.isPresent()) {
      return with(new State.Held(anew.get(), seen.at(), held.basis()), seen);
    }
    State.Left left = new State.Left(held.holder().node(), seen.at());
    return new OwnershipRecord(left, waiting, unlisted).observeLeft(left, seen, reclaim);
  }

  private OwnershipRecord observeLeft(State.Left left, Observation seen, Duration reclaim) {
    boolean reserved = seen.at().isBefore(left.left().plus(reclaim));
    Optional<ReportingNode> back = ofName(left.former(), seen);
    if (back.isPresent() && seen.recordable()) {
      return with(first(back.get(), seen), seen);
    }
    OwnershipRecord still = with(left, seen);
    if (reserved) {
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
        ? with(new State.Free(Optional.of(left.former())), seen)
        : with(first(first.claimant(), seen), seen);
  }

  private OwnershipRecord observeFree(State.Free free, Observation seen) {
    if (seen.claimants().isEmpty()) {
      return nothing();
    }
    if (!seen.recordable()) {
      return free.former().isPresent() ? with(free, seen) : nothing();
    }
    Optional<ReportingNode> back = free.former().flatMap(former -> ofName(former, seen));
    if (back.isPresent()) {
      return with(first(back.get(), seen), seen);
    }
    if (isNothing() && seen.claimants().size() > 1 && seen.namesake().isPresent()) {
      return with(new State.Held(seen.namesake().get(), seen.at(), Basis.NAMESAKE), seen);
    }
    return seen.claimants().size() == 1
        ? with(first(seen.claimants().getFirst(), seen), seen)
        : with(free, seen);
  }

  private static State.Held first(ReportingNode claimant, Observation seen) {
    return new State.Held(claimant, seen.at(), Basis.FIRST_CLAIM);
  }

  /** The entry after an operator has said whose it is. Who else claims it waits. */
  public OwnershipRecord settle(ReportingNode owner, Instant at) {
    List<Waiting> rest = new ArrayList<>();
    if (state instanceof State.Held held && !held.holder().equals(owner)) {
      rest.add(new Waiting(held.holder(), held.since()));
    }
    waiting.stream().filter(other -> !other.claimant().equals(owner)).forEach(rest::add);
    return of(new State.Held(owner, at, Basis.SETTLED), rest, unlisted);
  }

  /**
   * Who owns it, as the policy's checks see it.
   *
   * @param reclaim as for {@link #observe}
   */
  public AddressOwnership holding(Duration reclaim) {
    return switch (state) {
      case State.Held(ReportingNode holder, Instant since, Basis _) ->
          new AddressOwnership.HeldBy(holder.node(), holder.uid(), since);
      case State.Left(NodeName _, Instant left) ->
          waiting.isEmpty()
              ? new AddressOwnership.Unclaimed()
              : new AddressOwnership.Reserved(
                  waiting.getFirst().claimant().node(), left.plus(reclaim));
      case State.Free _ ->
          waiting.isEmpty()
              ? new AddressOwnership.Unclaimed()
              : new AddressOwnership.Contested(
                  waiting.stream().map(other -> other.claimant().node()).toList());
    };
  }

  /** When {@link #observe} would change it although nothing else does. */
  public Optional<Instant> changesAt(Duration reclaim) {
    return state instanceof State.Left(NodeName _, Instant left)
        ? Optional.of(left.plus(reclaim))
        : Optional.empty();
  }

  private static Optional<ReportingNode> ofName(NodeName node, Observation seen) {
    return seen.claimants().stream().filter(claimant -> claimant.node().equals(node)).findFirst();
  }

  /** In that state, with those who claim it now and do not hold it. */
  private OwnershipRecord with(State next, Observation seen) {
    List<Waiting> all = new ArrayList<>();
    for (ReportingNode claimant : seen.claimants()) {
      if (!(next instanceof State.Held held && held.holder().equals(claimant))) {
        all.add(
            waiting.stream()
                .filter(other -> other.claimant().equals(claimant))
                .findFirst()
                .orElseGet(() -> new Waiting(claimant, seen.at())));
      }
    }
    return of(next, all, 0);
  }

  /** With the earliest of those who wait listed; of several at one moment the first in the list. */
  private static OwnershipRecord of(State state, List<Waiting> all, int unlisted) {
    List<Waiting> earliest =
        all.stream().sorted(Comparator.comparing(Waiting::since)).limit(MOST_WAITING).toList();
    return new OwnershipRecord(state, earliest, unlisted + all.size() - earliest.size());
  }
}
