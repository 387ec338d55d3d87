package dev.countersign.approver.join;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.join.JoinDecision;
import java.util.List;

/** Told of what strict join does, for logs and metrics. Called on many threads; must be quick. */
public interface JoinListener {
  /** Does nothing. */
  JoinListener NONE =
      new JoinListener() {
        @Override
        public void decided(String request, JoinDecision decision) {}

        @Override
        public void written(String request, Step step) {}

        @Override
        public void troubled(String request, String why) {}
      };

  /** What was written last. */
  enum Step {
    /** The use of the token. */
    USE,
    /** The claim to the name. */
    CLAIM,
    /** The verdict itself. */
    VERDICT
  }

  /** A decision was made; nothing of it is written yet. */
  void decided(String request, JoinDecision decision);

  /** The API server confirmed a write. */
  void written(String request, Step step);

  /**
   * A request is denied or held: worth an Event. Told anew each time it is looked at.
   *
   * @param violations the one that decides first
   */
  default void refused(CsrObject csr, List<Violation> violations) {}

  /** A write or read came to nothing; it is tried again. */
  void troubled(String request, String why);
}
