package dev.countersign.policy.join;

import java.util.Comparator;
import java.util.Objects;

/**
 * One thing that stands in the way of a join.
 *
 * @param reason the stable name
 * @param path where it was found, such as {@code spec.usages} or {@code grant.nodes}
 * @param got what is there; text from a request is quoted and capped
 * @param want what must be there
 */
public record JoinViolation(JoinReason reason, String path, String got, String want)
    implements Comparable<JoinViolation> {
  private static final Comparator<JoinViolation> ORDER =
      Comparator.comparing(JoinViolation::path)
          .thenComparing(JoinViolation::reason)
          .thenComparing(JoinViolation::got);

  public JoinViolation {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(got, "got");
    Objects.requireNonNull(want, "want");
  }

  /** {@code Reason: path: got …; want …}. */
  public String message() {
    return reason.camelCase() + ": " + path + ": got " + got + "; want " + want;
  }

  @Override
  public int compareTo(JoinViolation other) {
    return ORDER.compare(this, other);
  }
}
