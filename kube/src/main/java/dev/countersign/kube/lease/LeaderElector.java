package dev.countersign.kube.lease;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.json.JsonWriting;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Takes part in the election for one Lease until closed. Run by one thread; the questions are for
 * any.
 *
 * <p>A leader renews every fifth of the duration and stops leading once two thirds of it have
 * passed on its own monotonic clock without a renewal that the server confirmed. A follower takes
 * over once it has seen the Lease unchanged for the whole duration on its own monotonic clock. Wall
 * clocks are written into the Lease for people to read and never compared.
 */
public final class LeaderElector implements Runnable, AutoCloseable {
  /** Told of changes, on the elector's thread. */
  public interface Listener {
    /** We lead from now on. */
    void elected();

    /** We do not lead any more. */
    void deposed(String why);

    /** Someone else leads. */
    void follows(String leader);

    /** The Lease could not be read or written. */
    void troubled(String why);
  }

  private static final DateTimeFormatter MICRO_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final ApiClient client;
  private final String namespace;
  private final String name;
  private final String identity;
  private final Duration duration;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Listener listener;
  private final LongSupplier nanoTime;
  private volatile boolean closed;
  private volatile boolean leading;
  private volatile boolean leaderKnown;
  private volatile @Nullable Thread runner;
  private @Nullable LeaseObject observed;
  private long observedAtNanos;
  private volatile long renewedAtNanos;
  private String announcedLeader = "";

  /**
   * A candidate. The arguments are those of client-go's elector, and what tests replace.
   *
   * @param identity unique among the candidates
   * @param duration of the Lease, whole seconds
   */
  public LeaderElector(
      ApiClient client,
      String namespace,
      String name,
      String identity,
      Duration duration,
      InstantSource clock,
      RandomGenerator random,
      Listener listener) {
    this(client, namespace, name, identity, duration, clock, random, listener, System::nanoTime);
  }

  /**
   * One with a monotonic clock of its own.
   *
   * @param nanoTime as {@link System#nanoTime}
   */
  LeaderElector(
      ApiClient client,
      String namespace,
      String name,
      String identity,
      Duration duration,
      InstantSource clock,
      RandomGenerator random,
      Listener listener,
      LongSupplier nanoTime) {
    if (duration.toSeconds() < 1) {
      throw new IllegalArgumentException("duration: got " + duration + "; want 1 second or more");
    }
    this.client = client;
    this.namespace = namespace;
    this.name = name;
    this.identity = identity;
    this.duration = Duration.ofSeconds(duration.toSeconds());
    this.clock = clock;
    this.random = random;
    this.listener = listener;
    this.nanoTime = nanoTime;
  }

  /** Whether we lead at this moment, also judged by the time since the last renewal. */
  public boolean leads() {
    return leading && nanoTime.getAsLong() - renewedAtNanos < renewDeadline().toNanos();
  }

  /** Whether we lead, or have seen another candidate renew within the duration. */
  public boolean leaderKnown() {
    return leads() || leaderKnown;
  }

  private Duration renewDeadline() {
    return duration.multipliedBy(2).dividedBy(3);
  }

  @Override
  public void run() {
    runner = Thread.currentThread();
    while (!closed && !Thread.currentThread().isInterrupted()) {
      step();
      long fifth = duration.toMillis() / 5;
      try {
        Thread.sleep(Math.max(50, fifth - random.nextLong(fifth / 4 + 1)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Renews, or looks whether the Lease can be had: what is done every fifth of its duration. */
  void step() {
    if (leading) {
      renew();
    } else {
      tryToAcquire();
    }
  }

  private void renew() {
    long startedAt = nanoTime.getAsLong();
    ApiResult<LeaseObject> outcome = write(renewal());
    if (outcome instanceof ApiResult.Refused<LeaseObject>(ApiStatus status)
        && (status.reason() == StatusReason.CONFLICT || status.reason() == StatusReason.NOT_FOUND)
        // It was written since we read it; only what is there now tells who leads.
        && read() instanceof ApiResult.Done<LeaseObject>(LeaseObject latest)) {
      observe(latest);
      if (!latest.holder().equals(identity)) {
        depose("the Lease went to " + latest.holder(), !latest.holder().isEmpty());
        return;
      }
      // Our own renewal, whose answer was lost.
      outcome = write(renewal());
    }
    switch (outcome) {
      case ApiResult.Done<LeaseObject>(LeaseObject stored) -> {
        observe(stored);
        renewedAtNanos = startedAt;
        return;
      }
      case ApiResult.Refused<LeaseObject>(ApiStatus status) ->
          listener.troubled("renewing the Lease: " + status);
      case ApiResult.Unreachable<LeaseObject>(String why) ->
          listener.troubled("renewing the Lease: " + why);
    }
    if (nanoTime.getAsLong() - renewedAtNanos >= renewDeadline().toNanos()) {
      depose("no renewal for " + renewDeadline().toMillis() + " ms", false);
    }
  }

  private LeaseObject renewal() {
    LeaseObject known = Objects.requireNonNull(observed);
    return new LeaseObject(
        known.resourceVersion(),
        identity,
        duration.toSeconds(),
        now(),
        known.acquireTime(),
        known.transitions());
  }

  private void depose(String why, boolean anotherLeads) {
    leading = false;
    leaderKnown = anotherLeads;
    announcedLeader = "";
    listener.deposed(why);
  }

  private void tryToAcquire() {
    ApiResult<LeaseObject> outcome = read();
    switch (outcome) {
      case ApiResult.Done<LeaseObject>(LeaseObject lease) -> {
        observe(lease);
        boolean free = lease.holder().isEmpty();
        boolean ours = lease.holder().equals(identity);
        long unchanged = nanoTime.getAsLong() - observedAtNanos;
        long wait = Math.max(duration.toSeconds(), lease.durationSeconds());
        if (free || ours || unchanged > Duration.ofSeconds(wait).toNanos()) {
          take(lease, free || ours);
        } else {
          leaderKnown = true;
          if (!announcedLeader.equals(lease.holder())) {
            announcedLeader = lease.holder();
            listener.follows(lease.holder());
          }
        }
      }
      case ApiResult.Refused<LeaseObject>(ApiStatus status) -> {
        if (status.reason() == StatusReason.NOT_FOUND) {
          create();
        } else {
          leaderKnown = false;
          listener.troubled("reading the Lease: " + status);
        }
      }
      case ApiResult.Unreachable<LeaseObject>(String why) -> {
        leaderKnown = false;
        listener.troubled("reading the Lease: " + why);
      }
    }
  }

  private void take(LeaseObject lease, boolean orderly) {
    if (!orderly) {
      leaderKnown = false;
    }
    long startedAt = nanoTime.getAsLong();
    String now = now();
    LeaseObject wanted =
        new LeaseObject(
            lease.resourceVersion(),
            identity,
            duration.toSeconds(),
            now,
            now,
            lease.transitions() + (lease.holder().equals(identity) ? 0 : 1));
    acquired(write(wanted), startedAt);
  }

  private void create() {
    long startedAt = nanoTime.getAsLong();
    String now = now();
    LeaseObject wanted = new LeaseObject("", identity, duration.toSeconds(), now, now, 0);
    acquired(
        client.create(
            ApiQuery.path("apis", "coordination.k8s.io", "v1", "namespaces", namespace, "leases"),
            body(wanted),
            LeaseObject::decode),
        startedAt);
  }

  private void acquired(ApiResult<LeaseObject> outcome, long startedAt) {
    switch (outcome) {
      case ApiResult.Done<LeaseObject>(LeaseObject stored) -> {
        observe(stored);
        renewedAtNanos = startedAt;
        leading = true;
        // Known by leads() for as long as it is so.
        leaderKnown = false;
        announcedLeader = identity;
        listener.elected();
      }
      case ApiResult.Refused<LeaseObject>(ApiStatus status) -> {
        // A conflict is another candidate being quicker: no trouble, look again next time.
        if (status.reason() != StatusReason.CONFLICT
            && status.reason() != StatusReason.ALREADY_EXISTS) {
          listener.troubled("taking the Lease: " + status);
        }
      }
      case ApiResult.Unreachable<LeaseObject>(String why) ->
          listener.troubled("taking the Lease: " + why);
    }
  }

  private void observe(LeaseObject lease) {
    LeaseObject before = observed;
    if (before == null
        || !before.resourceVersion().equals(lease.resourceVersion())
        || !before.renewTime().equals(lease.renewTime())
        || !before.holder().equals(lease.holder())) {
      observedAtNanos = nanoTime.getAsLong();
    }
    observed = lease;
  }

  private ApiResult<LeaseObject> read() {
    return client.get(path(), LeaseObject::decode);
  }

  private ApiResult<LeaseObject> write(LeaseObject lease) {
    return client.put(path(), body(lease), ApiClient.JSON, LeaseObject::decode);
  }

  private String path() {
    return ApiQuery.path(
        "apis", "coordination.k8s.io", "v1", "namespaces", namespace, "leases", name);
  }

  private byte[] body(LeaseObject lease) {
    return JsonWriting.object(
        out -> {
          out.writeStringField("apiVersion", "coordination.k8s.io/v1");
          out.writeStringField("kind", "Lease");
          out.writeObjectFieldStart("metadata");
          out.writeStringField("name", name);
          out.writeStringField("namespace", namespace);
          if (!lease.resourceVersion().isEmpty()) {
            out.writeStringField("resourceVersion", lease.resourceVersion());
          }
          out.writeEndObject();
          out.writeObjectFieldStart("spec");
          if (!lease.holder().isEmpty()) {
            out.writeStringField("holderIdentity", lease.holder());
          }
          out.writeNumberField("leaseDurationSeconds", lease.durationSeconds());
          if (!lease.acquireTime().isEmpty()) {
            out.writeStringField("acquireTime", lease.acquireTime());
          }
          out.writeStringField("renewTime", lease.renewTime());
          out.writeNumberField("leaseTransitions", lease.transitions());
          out.writeEndObject();
        });
  }

  private String now() {
    return MICRO_TIME.format(Instant.ofEpochMilli(clock.millis()));
  }

  /**
   * Ends {@link #run} and, where we lead, gives the Lease away so that another takes it at once.
   */
  @Override
  public void close() {
    closed = true;
    Thread thread = runner;
    if (thread != null) {
      thread.interrupt();
      try {
        thread.join(Duration.ofSeconds(2));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    LeaseObject known = observed;
    if (leading && known != null) {
      leading = false;
      ApiResult<LeaseObject> released =
          write(
              new LeaseObject(
                  known.resourceVersion(), "", 1, now(), known.acquireTime(), known.transitions()));
      if (!(released instanceof ApiResult.Done<LeaseObject>)) {
        listener.troubled("the Lease could not be given away; it runs out by itself");
      }
    }
  }
}
