package dev.countersign.cluster.node;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How to drain; each field as kubectl's flag of that name.
 *
 * @param ignoreDaemonSets leave pods of DaemonSets where they are
 * @param deleteEmptyDirData evict pods whose emptyDir data is lost thereby
 * @param force evict pods that nothing will create again
 * @param gracePeriod what pods are given to end; empty for what each asks for
 * @param timeout for the whole; empty for no limit
 * @param disableEviction delete instead of evict, past PodDisruptionBudgets
 * @param podSelector only pods with these labels
 */
public record DrainOptions(
    boolean ignoreDaemonSets,
    boolean deleteEmptyDirData,
    boolean force,
    Optional<Duration> gracePeriod,
    Optional<Duration> timeout,
    boolean disableEviction,
    Optional<String> podSelector) {
  public DrainOptions {
    Objects.requireNonNull(gracePeriod, "gracePeriod");
    Objects.requireNonNull(timeout, "timeout");
    Objects.requireNonNull(podSelector, "podSelector");
  }
}
