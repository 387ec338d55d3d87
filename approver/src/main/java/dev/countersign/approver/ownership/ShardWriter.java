package dev.countersign.approver.ownership;

import dev.countersign.approver.cluster.InformerCaches;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.StatusReason;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.ownership.OwnershipRecord;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import dev.countersign.policy.ownership.ShardUpdate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Looks at what is claimed of one shard, and writes the shard where that changes it. */
final class ShardWriter {
  private static final int ATTEMPTS = 5;

  private final ReentrantLock lock;
  private final OwnershipState state;
  private final RecordObjects objects;
  private final ClaimObserver observer;
  private final InformerCaches cluster;
  private final InstantSource clock;
  private final Supplier<PolicyConfig> config;
  private final ApproverMetrics metrics;
  private final OwnershipListener listener;

  /** A writer of the state that the lock guards; the arguments are the parts that it joins. */
  ShardWriter(
      ReentrantLock lock,
      OwnershipState state,
      RecordObjects objects,
      ClaimObserver observer,
      InformerCaches cluster,
      InstantSource clock,
      Supplier<PolicyConfig> config,
      ApproverMetrics metrics,
      OwnershipListener listener) {
    this.lock = lock;
    this.state = state;
    this.objects = objects;
    this.observer = observer;
    this.cluster = cluster;
    this.clock = clock;
    this.config = config;
    this.metrics = metrics;
    this.listener = listener;
  }

  /** A shard as it is to be written. */
  private record Step(
      Shard before, String version, Shard next, Map<NameOrAddress, OwnershipRecord> changed) {}

  /** Looks at a part of a shard, and writes the shard if that changes it. */
  void bringInStep(ShardQueue.Work work) {
    Optional<WriteFailures.Trouble> trouble;
    try {
      trouble = attempt(work);
    } catch (RuntimeException | Error e) {
      giveBack(work, Optional.of(new WriteFailures.Trouble(e.toString(), "")));
      throw e;
    }
    giveBack(work, trouble);
  }

  private void giveBack(ShardQueue.Work work, Optional<WriteFailures.Trouble> trouble) {
    lock.lock();
    try {
      if (trouble.isPresent()) {
        Duration pause = state.queue().failed(work, clock.instant());
        state.troubles().add(trouble.get(), pause);
      } else {
        state.queue().done(work);
      }
      state.givenBack(work.number(), config.get().ownership().reclaim());
    } finally {
      lock.unlock();
    }
  }

  private Optional<WriteFailures.Trouble> attempt(ShardQueue.Work work) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<Step> step = look(work);
      if (step.isEmpty()) {
        return Optional.empty();
      }
      String version = step.get().version();
      switch (objects.write(work.number(), version, step.get().next())) {
        case ApiResult.Done<ShardObject>(ShardObject stored) -> {
          metrics.addressRecordWrite("written");
          accept(work.number(), step.get(), stored.resourceVersion());
          return Optional.empty();
        }
        case ApiResult.Refused<ShardObject>(ApiStatus status) -> {
          boolean raced = RecordObjects.raced(status, version);
          metrics.addressRecordWrite(raced ? "conflict" : "failed");
          undo(step.get());
          if (!raced || !readAgain(work.number())) {
            return Optional.of(
                new WriteFailures.Trouble("refused: " + status, objects.remedy(status)));
          }
        }
        case ApiResult.Unreachable<ShardObject>(String why) -> {
          metrics.addressRecordWrite("failed");
          undo(step.get());
          return Optional.of(new WriteFailures.Trouble(why, ""));
        }
      }
    }
    return Optional.of(
        new WriteFailures.Trouble(
            "changed by someone else each time", "run one leader for this namespace"));
  }

  /** What the shard is to be; empty where it is so already, or cannot be read. */
  private Optional<Step> look(ShardQueue.Work work) {
    RecordTable.Slot slot;
    Set<NameOrAddress> claims = new HashSet<>();
    Set<NameOrAddress> foreign;
    ShardKey key;
    lock.lock();
    try {
      slot = state.table().slot(work.number());
      Optional<ShardKey> known = state.table().key();
      if (!slot.isReadable() || known.isEmpty()) {
        return Optional.empty();
      }
      key = known.get();
      claims.addAll(work.claims());
      if (work.all()) {
        claims.addAll(slot.entries().entries().keySet());
      }
      for (NodeName node : work.nodes()) {
        claims.addAll(state.table().records().of(node));
        // Before the look, so that what becomes free from here on is looked at again.
        state.keptOut().add(node, work.number());
      }
      foreign = state.table().foreign(work.number());
    } finally {
      lock.unlock();
    }
    for (NodeName node : work.nodes()) {
      claims.addAll(observer.claims(node));
    }
    claims.removeIf(claim -> key.numberOf(claim) != work.number());
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    ClaimObserver.Seen seen = observer.look(claims, slot.entries(), now);
    lock.lock();
    try {
      PolicyConfig current = config.get();
      ShardUpdate update =
          ShardUpdate.of(
              slot.entries(),
              seen.observations(),
              state.table().records(),
              current.recordBytesPerNode(),
              current.ownership().reclaim());
      note(work, seen, update);
      state.table().again(work.claims(), slot.entries(), now, current.ownership().reclaim());
      Map<NameOrAddress, OwnershipRecord> changed = new HashMap<>(update.changed());
      if (changed.isEmpty() && foreign.isEmpty()) {
        return Optional.empty();
      }
      foreign.forEach(claim -> changed.put(claim, OwnershipRecord.nothing()));
      return Optional.of(
          new Step(slot.entries(), slot.version(), slot.entries().with(changed), update.changed()));
    } finally {
      lock.unlock();
    }
  }

  /** Notes who got nothing on record, and tells of those for whom that is new. */
  private void note(ShardQueue.Work work, ClaimObserver.Seen seen, ShardUpdate update) {
    int number = work.number();
    for (NodeName node : work.nodes()) {
      if (!seen.keptOut().contains(node)) {
        state.keptOut().remove(node, number);
      }
      for (ShardUpdate.Cause cause : ShardUpdate.Cause.values()) {
        if (update.turnedAway().get(node) != cause) {
          state.turnedAway(cause).remove(node, number);
        }
      }
    }
    seen.keptOut().forEach(node -> state.keptOut().add(node, number));
    update
        .turnedAway()
        .forEach(
            (node, cause) -> {
              if (state.turnedAway(cause).add(node, number)) {
                listener.turnedAway(node, cause);
              }
            });
  }

  private void accept(int number, Step step, String version) {
    Set<NodeName> touched = new HashSet<>();
    lock.lock();
    try {
      state
          .table()
          .written(
              number, step.next(), version, step.changed(), config.get().ownership().reclaim());
      state.freed(number, step.changed(), step.before(), step.next());
    } finally {
      lock.unlock();
    }
    step.changed()
        .forEach(
            (claim, entry) -> {
              cluster.claimants(claim).forEach(claims -> touched.add(claims.node().name()));
              touched.addAll(entry.nodes());
              tell(claim, step.before().entry(claim), entry);
            });
    touched.forEach(listener::decided);
  }

  private void tell(NameOrAddress claim, OwnershipRecord before, OwnershipRecord after) {
    Set<NodeName> known = before.nodes();
    for (OwnershipRecord.Waiting waiting : after.waiting()) {
      if (!known.contains(waiting.claimant().node())) {
        listener.waits(waiting.claimant().node(), claim, after);
      }
    }
  }

  private void undo(Step step) {
    lock.lock();
    try {
      state.table().undo(step.changed(), step.before());
    } finally {
      lock.unlock();
    }
  }

  private boolean readAgain(int number) {
    ApiResult<ShardObject> outcome = objects.read(number);
    lock.lock();
    try {
      return switch (outcome) {
        case ApiResult.Done<ShardObject>(ShardObject object) -> {
          state.takeNow(number, object, config.get().ownership().reclaim());
          yield true;
        }
        case ApiResult.Refused<ShardObject>(ApiStatus status) -> {
          if (status.reason() == StatusReason.NOT_FOUND) {
            state.goneNow(number);
            yield true;
          }
          yield false;
        }
        case ApiResult.Unreachable<ShardObject> ignored -> false;
      };
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives each shard what it is to have by a key, of all that is on record anywhere, and writes the
   * key; what kept it from that, where something did.
   */
  Optional<WriteFailures.Trouble> layOut(ShardKey key) {
    Optional<List<Map<NameOrAddress, OwnershipRecord>>> lacking;
    lock.lock();
    try {
      lacking = state.table().lackingBy(key);
    } finally {
      lock.unlock();
    }
    if (lacking.isEmpty()) {
      return Optional.of(
          new WriteFailures.Trouble(
              "a record cannot be read", "see address-record-unreadable in this log"));
    }
    for (int i = 0; i < Shard.COUNT; i++) {
      if (!lacking.get().get(i).isEmpty()) {
        Optional<WriteFailures.Trouble> trouble = add(i, lacking.get().get(i));
        if (trouble.isPresent()) {
          return trouble;
        }
      }
    }
    return trouble(objects.create(key));
  }

  private Optional<WriteFailures.Trouble> add(
      int number, Map<NameOrAddress, OwnershipRecord> entries) {
    RecordTable.Slot slot;
    lock.lock();
    try {
      slot = state.table().slot(number);
    } finally {
      lock.unlock();
    }
    ApiResult<ShardObject> outcome =
        objects.write(number, slot.version(), slot.entries().with(entries));
    metrics.addressRecordWrite(
        outcome instanceof ApiResult.Done<ShardObject> ? "written" : "failed");
    Optional<WriteFailures.Trouble> trouble = trouble(outcome);
    if (trouble.isPresent()) {
      readAgain(number);
    } else if (outcome instanceof ApiResult.Done<ShardObject>(ShardObject stored)) {
      lock.lock();
      try {
        state
            .table()
            .written(
                number,
                slot.entries().with(entries),
                stored.resourceVersion(),
                Map.of(),
                config.get().ownership().reclaim());
      } finally {
        lock.unlock();
      }
    }
    return trouble;
  }

  private Optional<WriteFailures.Trouble> trouble(ApiResult<ShardObject> outcome) {
    return switch (outcome) {
      case ApiResult.Done<ShardObject> ignored -> Optional.empty();
      case ApiResult.Refused<ShardObject>(ApiStatus status) ->
          Optional.of(new WriteFailures.Trouble("refused: " + status, objects.remedy(status)));
      case ApiResult.Unreachable<ShardObject>(String why) ->
          Optional.of(new WriteFailures.Trouble(why, ""));
    };
  }
}
