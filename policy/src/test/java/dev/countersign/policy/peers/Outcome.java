package dev.countersign.policy.peers;

import java.util.Locale;

/** What becomes of a request. */
enum Outcome {
  APPROVE,
  /** Refused for good. */
  DENY,
  /** Left pending because something is wrong with it; it may be looked at again. */
  DEFER,
  /** Left alone because it is not the approver's business. */
  IGNORE;

  static Outcome parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
