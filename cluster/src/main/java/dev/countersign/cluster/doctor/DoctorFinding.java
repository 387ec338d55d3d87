package dev.countersign.cluster.doctor;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * One thing that is wrong, on one line.
 *
 * @param where a node, a request, a token, or {@code cluster}
 * @param what is the case
 * @param next what to do
 * @param nodes those it is about; empty where it is about none in particular
 */
public record DoctorFinding(Cause cause, String where, String what, String next, List<String> nodes)
    implements Comparable<DoctorFinding> {
  private static final Comparator<DoctorFinding> ORDER =
      Comparator.comparing(DoctorFinding::cause)
          .thenComparing(DoctorFinding::where)
          .thenComparing(DoctorFinding::what);

  public DoctorFinding {
    Objects.requireNonNull(cause, "cause");
    Objects.requireNonNull(where, "where");
    Objects.requireNonNull(what, "what");
    Objects.requireNonNull(next, "next");
    nodes = List.copyOf(nodes);
  }

  /** One that is about no node in particular. */
  static DoctorFinding of(Cause cause, String where, String what, String next) {
    return new DoctorFinding(cause, where, what, next, List.of());
  }

  /** One about a node. */
  static DoctorFinding ofNode(Cause cause, String node, String what, String next) {
    return new DoctorFinding(cause, node, what, next, List.of(node));
  }

  /** The first of several names, and how many more there are. */
  static String several(List<String> names) {
    return names.getFirst() + (names.size() == 1 ? "" : " and " + (names.size() - 1) + " more");
  }

  @Override
  public int compareTo(DoctorFinding other) {
    return ORDER.compare(this, other);
  }
}
