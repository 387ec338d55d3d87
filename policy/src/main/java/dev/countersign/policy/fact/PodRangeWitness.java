package dev.countersign.policy.fact;

import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NodeName;

/** Knows what speaks against the Pod range that a Node says it has. */
@FunctionalInterface
public interface PodRangeWitness {
  /** Nothing speaks against any. */
  PodRangeWitness NONE = (_, _) -> false;

  /** Whether the range cannot be that of Pods. */
  boolean refutes(IpRange range, NodeName saidBy);
}
