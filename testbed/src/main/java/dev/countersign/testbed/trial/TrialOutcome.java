package dev.countersign.testbed.trial;

import java.util.Objects;

/** What became of a request, as the cluster shows it. */
public sealed interface TrialOutcome {
  /** Refused for good: a Denied condition. */
  record Denied(String reason, String message) implements TrialOutcome {
    public Denied {
      Objects.requireNonNull(reason);
      Objects.requireNonNull(message);
    }
  }

  /** Not approved while the facts are as they are: an Event says why. */
  record Deferred(String reason, String message) implements TrialOutcome {
    public Deferred {
      Objects.requireNonNull(reason);
      Objects.requireNonNull(message);
    }
  }

  /** Kubernetes itself did not take it. */
  record Rejected(String message) implements TrialOutcome {
    public Rejected {
      Objects.requireNonNull(message);
    }
  }

  /** It got through. */
  record Approved() implements TrialOutcome {}

  /** Nobody said anything in time. */
  record Silence() implements TrialOutcome {}

  /** Whether it was refused, and the cluster says why. */
  default boolean refused() {
    return switch (this) {
      case Denied _ -> true;
      case Deferred _ -> true;
      case Rejected _ -> true;
      case Approved() -> false;
      case Silence() -> false;
    };
  }
}
