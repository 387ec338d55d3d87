package dev.countersign.approver.join;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.policy.decision.Decision;

/** Told of what strict join does, for logs and metrics. Called on many threads; must be quick. */
public interface JoinListener {
  /** Does nothing. */
  JoinListener NONE =
      new JoinListener() {
        @Override
        public void decided(CsrObject csr, Decision decision) {}

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

  /** A decision was made, perhaps not for the first time; nothing of it is written yet. */
  void decided(CsrObject csr, Decision decision);

  /** The API server confirmed a write. */
  void written(String request, Step step);

  /** A write or read came to nothing; it is tried again. */
  void troubled(String request, String why);
}
