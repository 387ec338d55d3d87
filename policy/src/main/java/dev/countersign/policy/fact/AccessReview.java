package dev.countersign.policy.fact;

/** The API server's answer to a SubjectAccessReview for the requestor. */
public sealed interface AccessReview {
  /** The requestor may. */
  record Allowed() implements AccessReview {}

  /**
   * The requestor may not.
   *
   * @param why {@code status.reason}, possibly empty
   */
  record Refused(String why) implements AccessReview {}
}
