package dev.countersign.policy.decision;

/** What a violation rests on, and so whether a denial, which is final, may rest on it. */
public enum ViolationScope {
  /** The immutable request, which no policy can make right: deny. */
  REQUEST,
  /**
   * The immutable request, which honest kubelets make and an option of the policy admits: defer. A
   * changed policy is tried on it at once.
   */
  POLICY,
  /**
   * A record or Node read for this decision from the API server, not from a cache. Waiting would
   * leave a hostile request pending until the record changes in its favor: deny.
   */
  RECORD,
  /** Cluster state, which may lag behind the truth or be put right: defer. */
  CLUSTER;

  /** Whether a denial may rest on it. */
  public boolean isFinal() {
    return this == REQUEST || this == RECORD;
  }

  /** Whether it needs no more than the request and the policy. */
  public boolean isOfRequest() {
    return this == REQUEST || this == POLICY;
  }
}
