package dev.countersign.cli.csr;

/** Whether this machine can find out what the approver can. */
enum ApproverFacts {
  /** A fact that is unknown here is unknown to the approver, too. */
  ALL_HERE,
  /**
   * The approver may know what is unknown here: the API server's own names, or what a file says
   * that the policy names.
   */
  SOME_ELSEWHERE
}
