package dev.countersign.policy.decision;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.join.JoinRecords;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * What the policy says about one request. It carries no instruction how to write it down: modes
 * such as dry run are the caller's to apply (see {@link dev.countersign.policy.config.Mode}).
 *
 * <p>Denial is final in Kubernetes, so {@link Deny} rests only on the immutable request or, for
 * client certificates, on a record read for it; what rests on other cluster state is {@link Defer}.
 */
public sealed interface Decision {

  /**
   * Every check passed.
   *
   * @param node whose certificate it is
   * @param notices what an operator should know although it is no ground for refusal, sorted
   * @param records what is to be written first
   */
  record Approve(NodeName node, List<Violation> notices, JoinRecords records) implements Decision {
    public Approve {
      Objects.requireNonNull(node, "node");
      notices = notices.stream().sorted().toList();
      Objects.requireNonNull(records, "records");
    }

    /** With nothing to write first. */
    public Approve(NodeName node, List<Violation> notices) {
      this(node, notices, JoinRecords.NONE);
    }
  }

  /**
   * The request can never be right.
   *
   * @param violations every violation found, sorted, those that a denial may rest on first: at
   *     least one
   */
  record Deny(List<Violation> violations) implements Decision {
    private static final Comparator<Violation> FINAL_FIRST =
        Comparator.comparing(Violation::isFinal, Comparator.reverseOrder())
            .thenComparing(Comparator.naturalOrder());

    public Deny {
      violations = violations.stream().sorted(FINAL_FIRST).toList();
      if (violations.stream().noneMatch(Violation::isFinal)) {
        throw new IllegalArgumentException("a denial must rest on the request: " + violations);
      }
    }

    /** Those that the denial rests on. */
    public List<Violation> decisive() {
      return violations.stream().filter(Violation::isFinal).toList();
    }
  }

  /**
   * Not now; to be decided again when the facts change.
   *
   * @param violations every violation found, none of them one that a denial may rest on, sorted,
   *     what is only unknown after what is known to be wrong: the first one is what is shown
   */
  record Defer(List<Violation> violations) implements Decision {
    private static final Comparator<Violation> KNOWN_FIRST =
        Comparator.<Violation, Boolean>comparing(v -> v.reason() == Reason.FACT_UNKNOWN)
            .thenComparing(Comparator.naturalOrder());

    public Defer {
      violations = violations.stream().sorted(KNOWN_FIRST).toList();
      if (violations.isEmpty()) {
        throw new IllegalArgumentException("a deferral must say what it waits for");
      }
      if (violations.stream().anyMatch(Violation::isFinal)) {
        throw new IllegalArgumentException(
            "what is wrong in the request never changes, deny instead: " + violations);
      }
    }
  }

  /**
   * Not ours to decide.
   *
   * @param why for the log
   */
  record Ignore(Ground why) implements Decision {
    public Ignore {
      Objects.requireNonNull(why, "why");
    }
  }

  /** Why a request is not ours to decide. */
  enum Ground {
    /** Its signer is another one. */
    OTHER_SIGNER("it names another signer"),
    /** It has an Approved or Denied condition: someone has decided. */
    ALREADY_DECIDED("it is approved or denied already"),
    /** It has a Failed condition: the signer has given up. */
    ALREADY_FAILED("the signer has failed it"),
    /** A certificate was issued. */
    ALREADY_ISSUED("its certificate is issued"),
    /** It has a deletionTimestamp. */
    BEING_DELETED("it is being deleted"),
    /** Who made it is no node: another user of the signer, with an approver of its own. */
    OTHER_REQUESTOR("its user is not system:node:<name>, so it is no kubelet's");

    private final String text;

    Ground(String text) {
      this.text = text;
    }

    /** A clause that completes "not decided, because". */
    public String text() {
      return text;
    }
  }

  /** The violations or notices that come with it, sorted; empty where there are none. */
  default List<Violation> violations() {
    return switch (this) {
      case Approve approve -> approve.notices();
      case Deny(List<Violation> violations) -> violations;
      case Defer(List<Violation> violations) -> violations;
      case Ignore _ -> List.of();
    };
  }
}
