package dev.countersign.kube.watch;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ListOptions;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.StatusReason;
import dev.countersign.kube.WatchStream;
import dev.countersign.kube.WatchStream.Event;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a {@link ResourceEventHandler} informed about a collection until it is closed: list, watch,
 * and again from the start where the server has forgotten the version (410).
 *
 * <p>Each watch is asked to end by itself after a little under {@link Timing#watchFor}, and is
 * given up when nothing has arrived for that long and {@link Timing#grace} more. So a connection
 * that is dead without looking dead costs at most that time, also where nothing ever happens and
 * bookmarks are rare.
 */
public final class Reflector<T extends Versioned>
    implements WatchProgress, Runnable, AutoCloseable {
  /**
   * How long things may take.
   *
   * @param watchFor the longest that one watch lasts, in whole seconds
   * @param grace how much longer we wait for a sign of life
   * @param firstPause after the first failure
   * @param longestPause after many failures
   */
  public record Timing(
      Duration watchFor, Duration grace, Duration firstPause, Duration longestPause) {
    /** Sixty seconds, ten of grace; pauses from 0.2 to 5 seconds. */
    public static Timing defaults() {
      return new Timing(
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofMillis(200),
          Duration.ofSeconds(5));
    }
  }

  private final ApiClient client;
  private final String name;
  private final List<ListOptions> versions;
  private final boolean mayBeMissing;
  private final ObjectDecoder<T> decoder;
  private final ResourceEventHandler<? super T> follower;
  private final Timing timing;
  private final WatchObserver observer;
  private final RandomGenerator random;
  private final Backoff backoff;
  private volatile boolean closed;
  private volatile boolean synced;
  private volatile boolean listingAgain;
  private boolean doubtful;
  private volatile Optional<String> missing = Optional.empty();
  private volatile ListOptions query;
  private volatile long lastContactNanos = System.nanoTime();
  private volatile long lastAttemptNanos = System.nanoTime();
  private volatile @Nullable WatchStream<T> current;
  private volatile @Nullable Thread runner;

  /**
   * A watch that does nothing until it is run. The arguments are what to follow, whom to tell, and
   * how to wait.
   */
  public Reflector(
      ApiClient client,
      String name,
      ListOptions query,
      ObjectDecoder<T> decoder,
      ResourceEventHandler<? super T> follower,
      Timing timing,
      WatchObserver observer,
      RandomGenerator random) {
    this(client, name, List.of(query), false, decoder, follower, timing, observer, random);
  }

  /**
   * A watch of a collection that the server need not have, or need not show. It is asked for every
   * {@link Timing#longestPause} until it is there; see {@link #missing}.
   *
   * @param versions the collection in each version of its API that will do, best first
   */
  public static <T extends Versioned> Reflector<T> ofMissable(
      ApiClient client,
      String name,
      List<ListOptions> versions,
      ObjectDecoder<T> decoder,
      ResourceEventHandler<? super T> follower,
      Timing timing,
      WatchObserver observer,
      RandomGenerator random) {
    return new Reflector<>(
        client, name, versions, true, decoder, follower, timing, observer, random);
  }

  private Reflector(
      ApiClient client,
      String name,
      List<ListOptions> versions,
      boolean mayBeMissing,
      ObjectDecoder<T> decoder,
      ResourceEventHandler<? super T> follower,
      Timing timing,
      WatchObserver observer,
      RandomGenerator random) {
    this.client = client;
    this.name = name;
    this.versions = List.copyOf(versions);
    this.mayBeMissing = mayBeMissing;
    this.query = versions.getFirst();
    this.decoder = decoder;
    this.follower = follower;
    this.timing = timing;
    this.observer = observer;
    this.random = random;
    this.backoff = new Backoff(timing.firstPause(), timing.longestPause(), random);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean synced() {
    return synced;
  }

  @Override
  public Optional<String> missing() {
    return missing;
  }

  /** How long ago the server last said anything about this collection. */
  public Duration sinceLastContact() {
    return Duration.ofNanos(System.nanoTime() - lastContactNanos);
  }

  @Override
  public Duration sinceLastAttempt() {
    return Duration.ofNanos(System.nanoTime() - lastAttemptNanos);
  }

  /** Runs until closed or interrupted. */
  @Override
  public void run() {
    runner = Thread.currentThread();
    String version = "";
    while (!closed && !Thread.currentThread().isInterrupted()) {
      if (version.isEmpty()) {
        Optional<String> listed = list();
        if (listed.isEmpty()) {
          continue;
        }
        version = listed.get();
      } else if (doubtful && setBack(version)) {
        observer.restarted(name, "the server's storage was set back, listing again");
        version = "";
        continue;
      }
      version = watchFrom(version);
      if (listingAgain) {
        listingAgain = false;
        version = "";
      }
    }
  }

  /**
   * Whether the server is at an earlier version than we have seen, as after a restore of etcd from
   * a backup. A watch from a version of the future would stay silent until that version is reached.
   */
  private boolean setBack(String seen) {
    if (client.latestVersion(query) instanceof ApiResult.Done<String>(String now)) {
      doubtful = false;
      return isEarlier(now, seen);
    }
    return false;
  }

  /** Compares two versions as the numbers they are (KEP-5504); false where they are no numbers. */
  static boolean isEarlier(String version, String other) {
    try {
      return Long.compareUnsigned(Long.parseUnsignedLong(version), Long.parseUnsignedLong(other))
          < 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private Optional<String> list() {
    ApiResult<String> outcome = list(versions.getFirst());
    for (ListOptions older : versions.subList(1, versions.size())) {
      if (outcome instanceof ApiResult.Refused<String>(ApiStatus status)
          && status.reason() == StatusReason.NOT_FOUND) {
        outcome = list(older);
      }
    }
    switch (outcome) {
      case ApiResult.Done<String>(String version) -> {
        missing = Optional.empty();
        follower.listEnded();
        // Only now: whoever acts on it must not act on what the end of the list still changes.
        synced = true;
        contact();
        backoff.reset();
        if (version.isEmpty()) {
          trouble("the list has no resourceVersion");
          return Optional.empty();
        }
        return Optional.of(version);
      }
      case ApiResult.Refused<String>(ApiStatus status) -> {
        if (isMissing(status)) {
          missing(status);
        } else {
          trouble("list: " + status);
        }
      }
      case ApiResult.Unreachable<String>(String why) -> trouble("list: " + why);
    }
    return Optional.empty();
  }

  private ApiResult<String> list(ListOptions of) {
    query = of;
    follower.listStarted();
    return client.list(
        of,
        decoder,
        object -> {
          contact();
          follower.listed(object);
        });
  }

  private boolean isMissing(ApiStatus status) {
    return mayBeMissing
        && (status.reason() == StatusReason.NOT_FOUND || status.reason() == StatusReason.FORBIDDEN);
  }

  /** The server does not have this kind of object, or does not show it: nothing is known of it. */
  private void missing(ApiStatus status) {
    contact();
    backoff.reset();
    String why =
        status.reason() == StatusReason.FORBIDDEN
            ? "the API server does not let us list " + name + " (403)"
            : "the API server has no " + name + " (404)";
    if (!missing.equals(Optional.of(why))) {
      missing = Optional.of(why);
      observer.missing(name, why);
      follower.missing();
    }
    sleep(timing.longestPause());
  }

  /** Watches once; returns the version to go on from, empty when a new list is needed. */
  private String watchFrom(String start) {
    long seconds = timing.watchFor().toSeconds();
    Duration wanted = Duration.ofSeconds(Math.max(1, seconds - random.nextLong(seconds / 3 + 1)));
    Duration idle = wanted.plus(timing.grace());
    ApiResult<WatchStream<T>> opened = client.watch(query, decoder, start, wanted, idle);
    switch (opened) {
      case ApiResult.Done<WatchStream<T>>(WatchStream<T> stream) -> {
        contact();
        try (stream) {
          current = stream;
          if (closed) {
            return start;
          }
          return read(stream, start);
        } finally {
          current = null;
        }
      }
      case ApiResult.Refused<WatchStream<T>>(ApiStatus status) -> {
        return afterStatus(status, start);
      }
      case ApiResult.Unreachable<WatchStream<T>>(String why) -> {
        trouble("watch: " + why);
        return start;
      }
    }
  }

  private String read(WatchStream<T> stream, String start) {
    String version = start;
    try {
      while (!closed) {
        Optional<Event<T>> next = stream.next();
        if (next.isEmpty()) {
          backoff.reset();
          observer.restarted(name, "ended by the server");
          return version;
        }
        contact();
        switch (next.get()) {
          case Event.Added<T>(T object) -> {
            version = object.resourceVersion();
            follower.changed(object);
          }
          case Event.Modified<T>(T object) -> {
            version = object.resourceVersion();
            follower.changed(object);
          }
          case Event.Deleted<T>(T object) -> {
            version = object.resourceVersion();
            follower.deleted(object);
          }
          case Event.Bookmark<T>(String bookmark) -> version = bookmark;
          case Event.Failed<T>(ApiStatus status) -> {
            return afterStatus(status, version);
          }
        }
        backoff.reset();
      }
    } catch (IOException e) {
      if (!listingAgain) {
        trouble("watch: " + e.getMessage());
      }
    }
    return version;
  }

  private String afterStatus(ApiStatus status, String version) {
    if (status.code() == 410
        || status.reason() == StatusReason.EXPIRED
        || status.reason() == StatusReason.GONE) {
      observer.restarted(name, "version too old, listing again");
      // Not at once: should the new list be too old at once again, this must not spin.
      sleep(backoff.next());
      return "";
    }
    if (isMissing(status)) {
      // It was there; a list finds out in which version it is now, if it is.
      return "";
    }
    trouble("watch: " + status);
    return version;
  }

  private void contact() {
    lastContactNanos = System.nanoTime();
    lastAttemptNanos = lastContactNanos;
  }

  private void trouble(String why) {
    if (closed) {
      return;
    }
    doubtful = true;
    lastAttemptNanos = System.nanoTime();
    observer.troubled(name, why);
    sleep(backoff.next());
  }

  private void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lists everything anew, for a follower that could not keep all there was. */
  public void listAgain() {
    listingAgain = true;
    reconnect();
  }

  /** Gives up the current connection, if any, and goes on with a new one. */
  public void reconnect() {
    WatchStream<T> stream = current;
    if (stream != null) {
      stream.abort();
    }
  }

  /** Ends {@link #run}. */
  @Override
  public void close() {
    closed = true;
    reconnect();
    Thread thread = runner;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
