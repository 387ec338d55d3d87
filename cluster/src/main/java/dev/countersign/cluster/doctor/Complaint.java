package dev.countersign.cluster.doctor;

import java.util.Comparator;
import java.util.Objects;

/**
 * One thing that is wrong, on one line.
 *
 * @param where a node, a request, a token, or {@code cluster}
 * @param what is the case
 * @param next what to do
 */
public record Complaint(Cause cause, String where, String what, String next)
    implements Comparable<Complaint> {
  private static final Comparator<Complaint> ORDER =
      Comparator.comparing(Complaint::cause)
          .thenComparing(Complaint::where)
          .thenComparing(Complaint::what);

  public Complaint {
    Objects.requireNonNull(cause, "cause");
    Objects.requireNonNull(where, "where");
    Objects.requireNonNull(what, "what");
    Objects.requireNonNull(next, "next");
  }

  @Override
  public int compareTo(Complaint other) {
    return ORDER.compare(this, other);
  }
}
