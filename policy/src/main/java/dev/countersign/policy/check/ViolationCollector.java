package dev.countersign.policy.check;

import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.decision.ViolationScope;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the violations of the request, or those of records and the cluster. Not safe for use by
 * several threads.
 */
public final class ViolationCollector {
  private final ViolationScope evidence;
  private final List<Violation> violations = new ArrayList<>(2);

  /** Of the request only; or, with other evidence than that, of records and the cluster. */
  public ViolationCollector(ViolationScope evidence) {
    this.evidence = evidence;
  }

  /**
   * Adds one.
   *
   * @throws IllegalArgumentException where the reason rests on other evidence
   */
  public void add(Reason reason, String path, String got, String want) {
    if (reason.evidence().isOfRequest() != evidence.isOfRequest()) {
      throw new IllegalArgumentException(
          reason + " rests on " + reason.evidence() + ", not on " + evidence);
    }
    violations.add(new Violation(reason, path, got, want));
  }

  /** Whether nothing was found. */
  public boolean isEmpty() {
    return violations.isEmpty();
  }

  /** What was found, in the order of finding. */
  public List<Violation> violations() {
    return List.copyOf(violations);
  }
}
