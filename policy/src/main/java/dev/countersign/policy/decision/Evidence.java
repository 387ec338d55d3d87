package dev.countersign.policy.decision;

/** What a violation rests on, and so whether a denial, which is final, may rest on it. */
public enum Evidence {
  /** The immutable request: deny. */
  REQUEST,
  /**
   * A record or Node read for this decision from the API server, not from a cache. Waiting would
   * leave a hostile request pending until the record changes in its favor: deny.
   */
  RECORD,
  /** Cluster state, which may lag behind the truth or be put right: defer. */
  CLUSTER;

  /** Whether a denial may rest on it. */
  public boolean isFinal() {
    return this != CLUSTER;
  }
}
