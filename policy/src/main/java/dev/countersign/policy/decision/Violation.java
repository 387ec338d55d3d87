package dev.countersign.policy.decision;

import dev.countersign.common.text.SafeText;
import java.util.Comparator;
import java.util.Objects;

/**
 * One rule that a request breaks, in words an operator can act on.
 *
 * <p>The texts are made safe to show (see {@link SafeText}) whatever they were built from.
 *
 * @param reason which rule
 * @param path where, for example {@code spec.usages} or {@code request.san.dns[2]}
 * @param got what is there
 * @param want what must be there
 */
public record Violation(Reason reason, String path, String got, String want)
    implements Comparable<Violation> {
  private static final Comparator<Violation> ORDER =
      Comparator.comparing(Violation::path)
          .thenComparing(Violation::reason)
          .thenComparing(Violation::got)
          .thenComparing(Violation::want);

  public Violation {
    Objects.requireNonNull(reason, "reason");
    path = SafeText.plain(path);
    got = SafeText.plain(got);
    want = SafeText.plain(want);
  }

  /** Whether a denial may rest on it. */
  public boolean isFinal() {
    return reason.evidence().isFinal();
  }

  /** {@code path: got …; want …}. */
  public String message() {
    return path + ": got " + got + "; want " + want;
  }

  /** By path, then reason, then text. */
  @Override
  public int compareTo(Violation other) {
    return ORDER.compare(this, other);
  }
}
