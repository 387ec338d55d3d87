package dev.countersign.policy.decision;

/** What a violation was seen in, which bounds what may follow from it. */
public enum Evidence {
  /** The request itself, which can never change: denial is right, and final. */
  REQUEST,
  /** The state of the cluster, which may lag or change: hold, and look again when it does. */
  CLUSTER
}
