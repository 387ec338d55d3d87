package dev.countersign.kube;

import dev.countersign.kube.http.HttpResponse;
import java.io.IOException;
import java.util.Optional;

/** The events of one watch, in order. Used by one thread; {@link #abort} is for any thread. */
public final class WatchStream<T> implements AutoCloseable {
  /** One event. */
  public sealed interface Event<T> {
    /** An object was added, or existed when a watch began without a version. */
    record Added<T>(T object) implements Event<T> {}

    /** An object was changed. */
    record Modified<T>(T object) implements Event<T> {}

    /** An object was deleted, or no longer fits the selector. */
    record Deleted<T>(T object) implements Event<T> {}

    /** Everything up to this version has been sent. */
    record Bookmark<T>(String resourceVersion) implements Event<T> {}

    /** The watch is over; 410 means that a new list is needed. */
    record Failed<T>(ApiStatus status) implements Event<T> {}
  }

  private final HttpResponse response;
  private final WatchEvents<T> events;

  WatchStream(HttpResponse response, WatchEvents<T> events) {
    this.response = response;
    this.events = events;
  }

  /**
   * The next event; empty when the server ended the watch.
   *
   * @throws IOException when the connection broke, was silent for too long, or what came is no
   *     watch event
   */
  public Optional<Event<T>> next() throws IOException {
    return events.next();
  }

  /** Ends the watch from another thread. */
  public void abort() {
    response.abort();
  }

  @Override
  public void close() {
    response.abort();
  }
}
