package dev.countersign.approver.ownership;

import dev.countersign.approver.cluster.InformerCaches;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.config.Ownership;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The record of whose each name and address is: kept in step with what the Nodes claim, and asked
 * by every decision. Thread-safe.
 *
 * <p>The replica that leads writes; others follow what it writes. A shard is written with the
 * version it was read at, so of two replicas that both believe to lead one is refused and reads
 * again. {@link ShardHandler} follows the watch, {@link ShardQueue} says what is looked at next,
 * {@link ShardWriter} looks and writes.
 */
public final class AddressOwnershipStore {
  /** How many threads are to {@link #run} it. Each writes one shard at a time. */
  public static final int WORKERS = 4;

  private static final Duration TICK = Duration.ofMillis(250);

  private final InstantSource clock;
  private final InformerCaches cluster;
  private final Supplier<PolicyConfig> config;
  private final StructuredLog log;
  private final OwnershipListener listener;
  private final RecordObjects objects;
  private final ClaimObserver observer;
  private final ShardWriter writer;
  private final Reflector<ShardObject> watch;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final OwnershipState state;
  private final ChangePace pace = new ChangePace();
  private boolean keying;
  private Instant keyNotBefore = Instant.MIN;
  private ShardKey candidate;
  private boolean writing;
  private boolean closed;
  private boolean everObserved;

  /**
   * A store in a namespace; nothing is read before {@link #watch} is run and nothing written before
   * {@link #run} is and {@link #setWriting} was called. It has as many arguments as it has
   * neighbours: it is the one place where the records, the caches and the policy meet.
   */
  public AddressOwnershipStore(
      ApiClient client,
      String namespace,
      InstantSource clock,
      InformerCaches cluster,
      Supplier<PolicyConfig> config,
      StructuredLog log,
      Reflector.Timing timing,
      WatchObserver watchObserver,
      ApproverMetrics metrics,
      RandomGenerator random,
      OwnershipListener listener) {
    this.clock = clock;
    this.cluster = cluster;
    this.config = config;
    this.log = log;
    this.listener = listener;
    this.state = new OwnershipState(cluster::recordChanged);
    this.candidate = ShardKey.generate(random);
    this.objects = new RecordObjects(client, namespace);
    this.observer = new ClaimObserver(cluster, config);
    this.writer =
        new ShardWriter(lock, state, objects, observer, cluster, clock, config, metrics, listener);
    this.watch =
        new Reflector<>(
            client,
            "configmaps",
            ListOptions.all(objects.collection())
                .withLabelSelector(Shard.LABEL + "=" + Shard.LABEL_VALUE),
            ObjectDecoder.ofJson(ShardObject::decode),
            new ShardHandler(this, objects, log),
            timing,
            watchObserver,
            random);
  }

  /** Takes over a shard that was written; returns why it cannot be read, if it cannot. */
  Optional<String> take(int number, ShardObject object) {
    lock.lock();
    try {
      Optional<String> unreadable = state.take(number, object, config.get().ownership().reclaim());
      onlyIfWriting();
      work.signalAll();
      return unreadable;
    } finally {
      lock.unlock();
    }
  }

  /** A replica that stands by has nothing to look at, however long it does. */
  private void onlyIfWriting() {
    if (!writing) {
      state.forgetWork();
    }
  }

  /** Takes note that the object of a shard is gone; returns whether there was one. */
  boolean gone(int number) {
    lock.lock();
    try {
      boolean was = state.gone(number);
      onlyIfWriting();
      work.signalAll();
      return was;
    } finally {
      lock.unlock();
    }
  }

  /** Another key, or none: everything is looked at anew where it belongs now. */
  void use(Optional<ShardKey> key) {
    change(
        () -> {
          if (!key.equals(state.table().key())) {
            key.ifPresent(known -> candidate = known);
            state.table().use(key);
            everObserved = false;
          }
        });
  }

  /** What follows the record; to be run on a thread of its own. */
  public Reflector<?> watch() {
    return watch;
  }

  /** How much is on record now. */
  public OwnershipFigures figures() {
    lock.lock();
    try {
      return state.figures(pace.waiting());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether everything the Nodes claimed at the start has been looked at and recorded; but for the
   * changes of Nodes that change all the time.
   */
  public boolean inStep() {
    lock.lock();
    try {
      return everObserved && state.queue().isIdle();
    } finally {
      lock.unlock();
    }
  }

  /** Whether this replica writes; one that begins to looks at everything anew. */
  public void setWriting(boolean value) {
    change(
        () -> {
          if (value != writing) {
            everObserved = false;
            state.forgetWork();
          }
          writing = value;
        });
  }

  /** Takes note that a Node came, changed or went. */
  public void nodeChanged(NodeName name, Optional<NodeFact> before, Optional<NodeFact> after) {
    Optional<Set<NameOrAddress>> claims = observer.changed(before, after);
    if (claims.isEmpty()) {
      return;
    }
    boolean slowed;
    lock.lock();
    try {
      // Before that everything is looked at anyway.
      if (!everObserved) {
        return;
      }
      int waiting = pace.waiting();
      if (pace.mayLook(name, clock.instant(), config.get().ownership().perNode())) {
        state.addNode(name, claims.get(), ShardQueue.Urgency.NORMAL);
        work.signalAll();
      }
      slowed = pace.waiting() > waiting;
    } finally {
      lock.unlock();
    }
    if (slowed) {
      listener.slowed(name);
    }
  }

  /** Takes note that what belongs to the cluster itself has changed. */
  public void surroundingsChanged() {
    change(state::surroundingsChanged);
  }

  /** Takes note that another policy is in force: looks at everything anew. */
  public void policyChanged() {
    change(() -> everObserved = false);
  }

  /** Whose these names and addresses are, by the record that the API server has. */
  public Fact<Map<NameOrAddress, AddressOwnership>> holdings(Set<NameOrAddress> claims) {
    if (!watch.synced()) {
      return Fact.unknown("the record of addresses is not read yet");
    }
    Duration reclaim = config.get().ownership().reclaim();
    lock.lock();
    try {
      return state.holdings(claims, reclaim, objects);
    } finally {
      lock.unlock();
    }
  }

  /** Keeps the record in step until closed or interrupted; {@link #WORKERS} threads at once. */
  public void run() {
    try {
      while (true) {
        Optional<ShardQueue.Work> next = next();
        if (next.isEmpty()) {
          return;
        }
        bringInStep(next.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for something to look at; empty when closed. */
  private Optional<ShardQueue.Work> next() throws InterruptedException {
    while (true) {
      lock.lockInterruptibly();
      try {
        if (closed) {
          return Optional.empty();
        }
        if (!wantsKey()) {
          Optional<ShardQueue.Work> next = take();
          if (next.isPresent()) {
            return next;
          }
          work.await(TICK.toMillis(), TimeUnit.MILLISECONDS);
          continue;
        }
      } finally {
        lock.unlock();
      }
      layOut();
    }
  }

  /** What is to be looked at now, if anything is and we write; chooses the key if that is to do. */
  Optional<ShardQueue.Work> poll() {
    lock.lock();
    try {
      if (!wantsKey()) {
        return take();
      }
    } finally {
      lock.unlock();
    }
    layOut();
    return Optional.empty();
  }

  private boolean isReady() {
    return writing && !closed && watch.synced() && cluster.complete();
  }

  /** Whether the caller is to choose the key; nobody else does meanwhile. */
  private boolean wantsKey() {
    boolean wants =
        isReady()
            && state.table().key().isEmpty()
            && !keying
            && !clock.instant().isBefore(keyNotBefore);
    keying |= wants;
    return wants;
  }

  private Optional<ShardQueue.Work> take() {
    Optional<ShardQueue.Work> next = Optional.empty();
    if (isReady() && state.table().key().isPresent()) {
      Instant now = clock.instant();
      prepare(now);
      next = state.queue().take(now);
    }
    if (next.isEmpty()) {
      state.troubles().say(log);
    }
    return next;
  }

  private void prepare(Instant now) {
    if (!everObserved) {
      everObserved = true;
      for (NodeFact node : cluster.nodeFacts()) {
        state.addNode(node.name(), observer.claims(node), ShardQueue.Urgency.NORMAL);
      }
      for (int i = 0; i < Shard.COUNT; i++) {
        state.queue().addAll(i);
      }
    }
    state.due(now);
    Ownership.PerNode limits = config.get().ownership().perNode();
    for (NodeName node : pace.due(now, limits)) {
      state.addNode(node, observer.claims(node), ShardQueue.Urgency.LOW);
    }
    pace.sweep(now);
  }

  /** Looks at a shard, and writes it if that changes it. */
  void bringInStep(ShardQueue.Work next) {
    writer.bringInStep(next);
    lock.lock();
    try {
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Chooses the key of the records, once for a cluster. First each shard gets what it is to have by
   * that key of all that is on record, from an earlier version or under a key that is gone; what is
   * there stays. Only then is the key written, and what belongs elsewhere goes. So it may break off
   * at any point.
   */
  private void layOut() {
    Optional<WriteFailures.Trouble> trouble = writer.layOut(candidate);
    lock.lock();
    try {
      keying = false;
      keyNotBefore = Instant.MIN;
      trouble.ifPresent(
          found -> {
            Duration pause = Duration.ofSeconds(1);
            state.troubles().add(found, pause);
            keyNotBefore = clock.instant().plus(pause);
          });
    } finally {
      lock.unlock();
    }
    if (trouble.isEmpty()) {
      use(Optional.of(candidate));
    }
  }

  /** Ends {@link #run}. */
  public void close() {
    change(() -> closed = true);
    watch.close();
  }

  /** Changes something under the lock, and wakes the workers to look at it. */
  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
