package dev.countersign.policy.fact;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** Whether there is a Node of the name that is asked for. */
public sealed interface NodePresence {
  /** There is none. */
  record Absent() implements NodePresence {}

  /**
   * There is one.
   *
   * @param lastContact the {@code spec.renewTime} of its Lease in {@code kube-node-lease}; empty
   *     where it has none, so that nobody knows when it was last in contact
   */
  record Present(Optional<Instant> lastContact) implements NodePresence {
    public Present {
      Objects.requireNonNull(lastContact, "lastContact");
    }
  }
}
