package dev.countersign.kube.watch;

import java.time.Duration;
import java.util.Optional;

/** How a watch is doing. */
public interface WatchProgress {
  /** The collection's name for people, for example {@code nodes}. */
  String name();

  /** Whether a complete list has been handed to the follower. */
  boolean synced();

  /** Why there is no such collection to be had, where it need not be there and is not. */
  default Optional<String> missing() {
    return Optional.empty();
  }

  /** How long ago this watch last did anything: heard from the server, or tried to reach it. */
  Duration sinceLastAttempt();
}
