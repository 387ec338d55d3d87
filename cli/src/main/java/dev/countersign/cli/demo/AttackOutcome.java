package dev.countersign.cli.demo;

import java.util.Objects;

/** What became of a hostile request, as the cluster shows it. */
sealed interface AttackOutcome {
  /** Refused for good: a Denied condition. */
  record Denied(String reason, String message) implements AttackOutcome {
    public Denied {
      Objects.requireNonNull(reason);
      Objects.requireNonNull(message);
    }
  }

  /** Not approved while the facts are as they are: an Event says why. */
  record Held(String reason, String message) implements AttackOutcome {
    public Held {
      Objects.requireNonNull(reason);
      Objects.requireNonNull(message);
    }
  }

  /** Kubernetes itself did not take it. */
  record Rejected(String message) implements AttackOutcome {
    public Rejected {
      Objects.requireNonNull(message);
    }
  }

  /** It got through: the demo has failed. */
  record Approved() implements AttackOutcome {}

  /** Nobody said anything in time: the demo has failed. */
  record Silence() implements AttackOutcome {}

  /** Whether the attack was refused, and the cluster says why. */
  default boolean refused() {
    return switch (this) {
      case Denied denied -> true;
      case Held held -> true;
      case Rejected rejected -> true;
      case Approved() -> false;
      case Silence() -> false;
    };
  }
}
