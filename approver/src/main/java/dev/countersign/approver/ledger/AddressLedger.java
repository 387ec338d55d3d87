package dev.countersign.approver.ledger;

import dev.countersign.approver.cluster.ClusterFacts;
import dev.countersign.approver.log.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ListQuery;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.json.JsonWriting;
import dev.countersign.kube.watch.CollectionWatch;
import dev.countersign.kube.watch.Follower;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Holding;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.name.Claimable;
import dev.countersign.policy.name.DnsName;
import dev.countersign.policy.name.NodeName;
import dev.countersign.policy.ownership.Entry;
import dev.countersign.policy.ownership.NodeClaims;
import dev.countersign.policy.ownership.Observation;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.x509.Reading;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The record of whose each name and address is: kept in step with what the Nodes claim, and asked
 * by every decision. Thread-safe.
 *
 * <p>The replica that leads writes; others follow what it writes. An entry changes only by {@link
 * Entry#observe}, and a shard is written with the version it was read at, so of two replicas that
 * both believe to lead one is refused and reads again.
 */
public final class AddressLedger {
  private static final Duration TICK = Duration.ofMillis(250);
  private static final int ATTEMPTS = 5;

  /** One shard as the API server last accepted it. */
  private record Slot(Reading<Shard> shard, String version) {
    private static final Slot ABSENT = new Slot(Reading.read(Shard.empty()), "");

    /** The entries; none where they cannot be read. */
    Shard content() {
      return shard instanceof Reading.Read<Shard>(Shard read) ? read : Shard.empty();
    }
  }

  private final ApiClient client;
  private final String namespace;
  private final InstantSource clock;
  private final ClusterFacts cluster;
  private final Supplier<PolicyConfig> config;
  private final StructuredLog log;
  private final ApproverMetrics metrics;
  private final Consumer<NodeName> onChange;
  private final CollectionWatch<ShardObject> watch;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final List<Slot> slots = new ArrayList<>();
  private final Set<Claimable> unobserved = new HashSet<>();
  private final Set<Claimable> notRecordable = new HashSet<>();
  private final Map<Claimable, Instant> timers = new HashMap<>();
  private final Set<Integer> listed = new HashSet<>();
  private boolean writing;
  private boolean closed;
  private boolean everObserved;
  private boolean busy;

  /**
   * A ledger in a namespace; nothing is read before {@link #watch} is run and nothing written
   * before {@link #run} is and {@link #setWriting} was called.
   *
   * @param onChange called with each Node whose claims were decided on
   */
  public AddressLedger(
      ApiClient client,
      String namespace,
      InstantSource clock,
      ClusterFacts cluster,
      Supplier<PolicyConfig> config,
      StructuredLog log,
      CollectionWatch.Timing timing,
      WatchObserver observer,
      ApproverMetrics metrics,
      RandomGenerator random,
      Consumer<NodeName> onChange) {
    this.client = client;
    this.namespace = namespace;
    this.clock = clock;
    this.cluster = cluster;
    this.config = config;
    this.log = log;
    this.metrics = metrics;
    this.onChange = onChange;
    for (int i = 0; i < Shard.COUNT; i++) {
      slots.add(Slot.ABSENT);
    }
    this.watch =
        new CollectionWatch<>(
            client,
            "configmaps",
            ListQuery.all(ApiQuery.path("api", "v1", "namespaces", namespace, "configmaps"))
                .withLabelSelector(Shard.LABEL + "=" + Shard.LABEL_VALUE),
            ObjectDecoder.ofJson(ShardObject::decode),
            new Following(),
            timing,
            observer,
            random);
  }

  private final class Following implements Follower<ShardObject> {
    @Override
    public void listStarted() {
      listed.clear();
    }

    @Override
    public void listed(ShardObject object) {
      numberOf(object.name()).ifPresent(listed::add);
      changed(object);
    }

    @Override
    public void listEnded() {
      for (int i = 0; i < Shard.COUNT; i++) {
        if (!listed.contains(i)) {
          forget(i);
        }
      }
    }

    @Override
    public void changed(ShardObject object) {
      numberOf(object.name()).ifPresent(number -> take(number, object));
    }

    @Override
    public void deleted(ShardObject object) {
      numberOf(object.name()).ifPresent(AddressLedger.this::forget);
    }
  }

  private static Optional<Integer> numberOf(String name) {
    String digits =
        name.startsWith(Shard.OBJECT_PREFIX) ? name.substring(Shard.OBJECT_PREFIX.length()) : "";
    if (!digits.matches("[0-9]{2}") || Integer.parseInt(digits) >= Shard.COUNT) {
      return Optional.empty();
    }
    return Optional.of(Integer.parseInt(digits));
  }

  /** Takes over a shard that someone wrote, unless we know a later one. */
  private void take(int number, ShardObject object) {
    lock.lock();
    try {
      Slot known = slots.get(number);
      if (object.resourceVersion().equals(known.version)
          || isEarlier(object.resourceVersion(), known.version)) {
        return;
      }
      Reading<Shard> shard = Shard.parse(object.text());
      put(number, new Slot(shard, object.resourceVersion()));
      switch (shard) {
        case Reading.Read<Shard>(Shard content) -> {
          content
              .entries()
              .forEach(
                  (claim, entry) ->
                      entry
                          .changesAt(config.get().ownership().reclaim())
                          .ifPresent(at -> timers.put(claim, at)));
          unobserved.addAll(content.entries().keySet());
        }
        case Reading.Unreadable<Shard> unreadable ->
            log.error(
                "address-record-unreadable",
                "configmap",
                namespace + "/" + object.name(),
                "why",
                unreadable.message(),
                "next",
                "restore it from a backup, or delete it to start over with what the Nodes claim");
      }
      if (everObserved) {
        claimsIn(number);
      }
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void forget(int number) {
    lock.lock();
    try {
      if (!slots.get(number).equals(Slot.ABSENT)) {
        put(number, Slot.ABSENT);
        log.warn("address-record-gone", "configmap", namespace + "/" + Shard.objectName(number));
        claimsIn(number);
        work.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Called with the lock held. */
  private void put(int number, Slot slot) {
    cluster.recordChanged(slots.get(number).content(), slot.content());
    slots.set(number, slot);
  }

  private void claimsIn(int number) {
    for (Claimable claim : cluster.claims()) {
      if (Shard.numberOf(claim) == number) {
        unobserved.add(claim);
      }
    }
  }

  private static boolean isEarlier(String version, String other) {
    try {
      return !other.isEmpty()
          && Long.compareUnsigned(Long.parseUnsignedLong(version), Long.parseUnsignedLong(other))
              < 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** What follows the record; to be run on a thread of its own. */
  public CollectionWatch<?> watch() {
    return watch;
  }

  /**
   * How much is on record.
   *
   * @param entries names and addresses
   * @param contested those of them for which some Node waits
   */
  public record Figures(int entries, int contested) {}

  /** How much is on record now. */
  public Figures figures() {
    int entries = 0;
    int contested = 0;
    lock.lock();
    try {
      for (Slot slot : slots) {
        if (slot.shard instanceof Reading.Read<Shard>(Shard shard)) {
          entries += shard.entries().size();
          for (Entry entry : shard.entries().values()) {
            contested += entry.waiting().isEmpty() ? 0 : 1;
          }
        }
      }
    } finally {
      lock.unlock();
    }
    return new Figures(entries, contested);
  }

  /** Whether everything the Nodes claimed at the start has been looked at and recorded. */
  public boolean inStep() {
    lock.lock();
    try {
      return everObserved && !busy && unobserved.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether this replica writes; one that begins to looks at everything anew. */
  public void setWriting(boolean value) {
    lock.lock();
    try {
      if (value && !writing) {
        everObserved = false;
      }
      writing = value;
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes note that a Node came, changed or went. */
  public void nodeChanged(NodeName name, Optional<NodeFact> before, Optional<NodeFact> after) {
    int most = config.get().limits().names();
    Set<Claimable> claims = new HashSet<>();
    before.ifPresent(node -> claims.addAll(NodeClaims.of(node, most)));
    after.ifPresent(node -> claims.addAll(NodeClaims.of(node, most)));
    claims.add(DnsName.of(name.text()));
    lock.lock();
    try {
      unobserved.addAll(claims);
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes note that what belongs to the cluster itself has changed. */
  public void surroundingsChanged() {
    lock.lock();
    try {
      unobserved.addAll(notRecordable);
      notRecordable.clear();
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Takes note that another policy is in force: looks at everything anew. */
  public void policyChanged() {
    lock.lock();
    try {
      everObserved = false;
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whose these names and addresses are, by the record that the API server has. */
  public Fact<Map<Claimable, Holding>> holdings(Set<Claimable> claims) {
    if (!watch.synced()) {
      return Fact.unknown("the record of addresses is not read yet");
    }
    Duration reclaim = config.get().ownership().reclaim();
    Map<Claimable, Holding> holdings = new HashMap<>();
    lock.lock();
    try {
      for (Claimable claim : claims) {
        int number = Shard.numberOf(claim);
        switch (slots.get(number).shard) {
          case Reading.Read<Shard>(Shard shard) ->
              holdings.put(claim, shard.entry(claim).holding(reclaim));
          case Reading.Unreadable<Shard> ignored -> {
            return Fact.unknown(
                "the record of addresses in ConfigMap "
                    + namespace
                    + "/"
                    + Shard.objectName(number)
                    + " cannot be read");
          }
        }
      }
    } finally {
      lock.unlock();
    }
    return Fact.known(holdings);
  }

  /** Keeps the record in step until closed or interrupted. */
  public void run() {
    Troubles troubles = new Troubles();
    try {
      while (true) {
        Map<Integer, Set<Claimable>> batch = nextBatch();
        if (batch.isEmpty()) {
          return;
        }
        bringInStep(batch, troubles);
        Thread.sleep(troubles.endPass(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Looks at a batch; what kept records from being written is noted. */
  void bringInStep(Map<Integer, Set<Claimable>> batch, Troubles troubles) {
    Surroundings seen = look(batch);
    for (Map.Entry<Integer, Set<Claimable>> part : batch.entrySet()) {
      bringInStep(part.getKey(), part.getValue(), seen)
          .ifPresent(trouble -> troubles.add(trouble, part.getValue().size()));
    }
  }

  /** Waits for something to look at; by shard; empty when closed. */
  private Map<Integer, Set<Claimable>> nextBatch() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed) {
        Map<Integer, Set<Claimable>> batch = batch();
        if (!batch.isEmpty()) {
          return batch;
        }
        work.await(TICK.toMillis(), TimeUnit.MILLISECONDS);
      }
      return Map.of();
    } finally {
      lock.unlock();
    }
  }

  /** What is to be looked at now, by shard; empty where nothing is, or we do not write. */
  Map<Integer, Set<Claimable>> batch() {
    lock.lock();
    try {
      busy = false;
      if (!(writing && watch.synced() && cluster.complete())) {
        return Map.of();
      }
      if (!everObserved) {
        everObserved = true;
        unobserved.addAll(cluster.claims());
        for (Slot slot : slots) {
          if (slot.shard instanceof Reading.Read<Shard>(Shard shard)) {
            unobserved.addAll(shard.entries().keySet());
          }
        }
      }
      Instant now = clock.instant();
      timers
          .entrySet()
          .removeIf(
              timer -> {
                boolean due = !now.isBefore(timer.getValue());
                if (due) {
                  unobserved.add(timer.getKey());
                }
                return due;
              });
      Map<Integer, Set<Claimable>> batch = new TreeMap<>();
      for (Claimable claim : unobserved) {
        batch.computeIfAbsent(Shard.numberOf(claim), ignored -> new HashSet<>()).add(claim);
      }
      busy = !batch.isEmpty();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Observes some names and addresses of one shard and writes it if that changes it; what kept it
   * from that, where something did.
   */
  private Optional<Troubles.Trouble> bringInStep(
      int number, Set<Claimable> claims, Surroundings seen) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Slot slot;
      lock.lock();
      try {
        slot = slots.get(number);
      } finally {
        lock.unlock();
      }
      if (!(slot.shard instanceof Reading.Read<Shard>(Shard shard))) {
        return Optional.empty();
      }
      Map<Claimable, Entry> changed = observe(shard, claims, seen);
      if (changed.isEmpty()) {
        return Optional.empty();
      }
      Shard next = shard.with(changed);
      Outcome<ShardObject> outcome = write(number, slot.version, next.toText());
      switch (outcome) {
        case Outcome.Done<ShardObject>(ShardObject stored) -> {
          metrics.ledgerWrite("written");
          accept(number, next, stored.resourceVersion(), changed);
          return Optional.empty();
        }
        case Outcome.Refused<ShardObject>(ApiStatus status) -> {
          boolean raced =
              status.reason() == StatusReason.CONFLICT
                  || status.reason() == StatusReason.ALREADY_EXISTS
                  || (status.reason() == StatusReason.NOT_FOUND && !slot.version.isEmpty());
          metrics.ledgerWrite(raced ? "conflict" : "failed");
          if (!raced || !readAgain(number)) {
            return Optional.of(later(claims, "refused: " + status, remedy(status)));
          }
        }
        case Outcome.Unreachable<ShardObject>(String why) -> {
          metrics.ledgerWrite("failed");
          return Optional.of(later(claims, why, ""));
        }
      }
    }
    return Optional.of(
        later(claims, "changed by someone else each time", "run one leader for this namespace"));
  }

  private Troubles.Trouble later(Set<Claimable> claims, String why, String next) {
    lock.lock();
    try {
      unobserved.addAll(claims);
    } finally {
      lock.unlock();
    }
    return new Troubles.Trouble(why, next);
  }

  private String remedy(ApiStatus status) {
    return switch (status.reason()) {
      case NOT_FOUND ->
          "create the namespace (kubectl create namespace "
              + namespace
              + "), or name another with --namespace";
      case FORBIDDEN -> "grant create and update on configmaps in namespace " + namespace;
      default -> "";
    };
  }

  /** Who claims what at one moment, and what was the cluster's own then. */
  private record Surroundings(
      Map<Claimable, List<NodeFact>> claimants, Fact<ProtectedSpace> space) {}

  /** Looks around for a whole batch. */
  private Surroundings look(Map<Integer, Set<Claimable>> batch) {
    lock.lock();
    try {
      for (Set<Claimable> claims : batch.values()) {
        // Before they are looked at, so that what changes from here on is looked at again, as is
        // what may turn out to be the cluster's own when that changes.
        unobserved.removeAll(claims);
        notRecordable.addAll(claims);
      }
    } finally {
      lock.unlock();
    }
    // First who claims it, then what is the cluster's own: a range that came before a claim counts.
    return new Surroundings(claimants(batch), cluster.protectedSpace());
  }

  private Map<Claimable, Entry> observe(
      Shard shard, Set<Claimable> claims, Surroundings surroundings) {
    PolicyConfig current = config.get();
    Duration reclaim = current.ownership().reclaim();
    Map<Claimable, Entry> changed = new HashMap<>();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Set<Claimable> cleared = new HashSet<>();
    for (Claimable claim : claims) {
      List<NodeFact> nodes = surroundings.claimants().getOrDefault(claim, List.of());
      Entry entry = shard.entry(claim);
      Observation seen =
          Observation.of(
              claim, nodes, this::existing, surroundings.space(), entry, current.guard(), now);
      boolean kept = !seen.recordable() || seen.claimants().size() < nodes.size();
      if (nodes.isEmpty() || !kept) {
        cleared.add(claim);
      }
      Entry next = entry.observe(seen, reclaim);
      if (next.equals(entry)) {
        entry.changesAt(reclaim).ifPresent(at -> lookAgain(claim, at));
      } else {
        changed.put(claim, next);
      }
    }
    clear(cleared);
    return changed;
  }

  private void lookAgain(Claimable claim, Instant at) {
    lock.lock();
    try {
      timers.put(claim, at);
    } finally {
      lock.unlock();
    }
  }

  private void clear(Set<Claimable> claims) {
    lock.lock();
    try {
      notRecordable.removeAll(claims);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Who claims what of a batch. What a Node claims is read once, however much of it is asked for: a
   * kubelet that names thousands of addresses must not make that thousands times thousands.
   */
  private Map<Claimable, List<NodeFact>> claimants(Map<Integer, Set<Claimable>> batch) {
    int most = config.get().limits().names();
    Map<Claimable, List<NodeFact>> claimants = new HashMap<>();
    Set<NodeName> names = new HashSet<>();
    for (Set<Claimable> claims : batch.values()) {
      for (Claimable claim : claims) {
        claimants.put(claim, new ArrayList<>(1));
        names.addAll(cluster.claimants(claim));
      }
    }
    for (NodeName name : names) {
      existing(name).ifPresent(node -> addTo(claimants, node, NodeClaims.of(node, most)));
    }
    return claimants;
  }

  private static void addTo(
      Map<Claimable, List<NodeFact>> claimants, NodeFact node, Set<Claimable> claims) {
    for (Claimable claim : claims) {
      List<NodeFact> nodes = claimants.get(claim);
      if (nodes != null) {
        nodes.add(node);
      }
    }
  }

  private Optional<NodeFact> existing(NodeName name) {
    return cluster.node(name) instanceof Fact.Known<Optional<NodeFact>>(Optional<NodeFact> node)
        ? node
        : Optional.empty();
  }

  private void accept(int number, Shard shard, String version, Map<Claimable, Entry> changed) {
    Duration reclaim = config.get().ownership().reclaim();
    Set<NodeName> touched = new HashSet<>();
    lock.lock();
    try {
      if (!isEarlier(version, slots.get(number).version)) {
        put(number, new Slot(Reading.read(shard), version));
      }
      changed.forEach(
          (claim, entry) -> {
            timers.remove(claim);
            entry.changesAt(reclaim).ifPresent(at -> timers.put(claim, at));
            touched.addAll(cluster.claimants(claim));
          });
    } finally {
      lock.unlock();
    }
    touched.forEach(onChange);
  }

  private boolean readAgain(int number) {
    Outcome<ShardObject> outcome = client.get(path(number), ShardObject::decode);
    return switch (outcome) {
      case Outcome.Done<ShardObject>(ShardObject object) -> {
        take(number, object);
        yield true;
      }
      case Outcome.Refused<ShardObject>(ApiStatus status) -> {
        if (status.reason() == StatusReason.NOT_FOUND) {
          forget(number);
          yield true;
        }
        yield false;
      }
      case Outcome.Unreachable<ShardObject> ignored -> false;
    };
  }

  private String path(int number) {
    return ApiQuery.path(
        "api", "v1", "namespaces", namespace, "configmaps", Shard.objectName(number));
  }

  private Outcome<ShardObject> write(int number, String version, String text) {
    byte[] body =
        JsonWriting.object(
            out -> {
              out.writeStringField("apiVersion", "v1");
              out.writeStringField("kind", "ConfigMap");
              out.writeObjectFieldStart("metadata");
              out.writeStringField("name", Shard.objectName(number));
              out.writeStringField("namespace", namespace);
              if (!version.isEmpty()) {
                out.writeStringField("resourceVersion", version);
              }
              out.writeObjectFieldStart("labels");
              out.writeStringField("app.kubernetes.io/managed-by", "countersign");
              out.writeStringField(Shard.LABEL, Shard.LABEL_VALUE);
              out.writeEndObject();
              out.writeEndObject();
              out.writeObjectFieldStart("data");
              out.writeStringField(Shard.DATA_KEY, text);
              out.writeEndObject();
            });
    return version.isEmpty()
        ? client.create(
            ApiQuery.path("api", "v1", "namespaces", namespace, "configmaps"),
            body,
            ShardObject::decode)
        : client.put(path(number), body, ApiClient.METADATA_ONLY, ShardObject::decode);
  }

  /** Ends {@link #run}. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
    watch.close();
  }
}
