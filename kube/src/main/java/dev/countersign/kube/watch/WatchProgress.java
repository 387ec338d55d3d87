package dev.countersign.kube.watch;

import java.time.Duration;

/** How a watch is doing. */
public interface WatchProgress {
  /** The collection's name for people, for example {@code nodes}. */
  String name();

  /** Whether a complete list has been handed to the follower. */
  boolean synced();

  /** How long ago this watch last did anything: heard from the server, or tried to reach it. */
  Duration sinceLastAttempt();
}
