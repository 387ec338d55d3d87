package dev.countersign.policy.config;

import java.util.List;
import java.util.Objects;

/**
 * Inventories and how their answers combine.
 *
 * @param sources at least one, in order
 * @param combine how
 * @param replacesNodeStatus whether a name that the inventory gives need not be among the Node's
 *     addresses
 * @param onMissing what is done with a Node that no source knows
 */
public record Inventory(
    List<InventorySource> sources,
    Combine combine,
    boolean replacesNodeStatus,
    OnMissing onMissing) {
  public Inventory {
    Objects.requireNonNull(onMissing, "onMissing");
    sources = List.copyOf(sources);
    PolicyConfig.require(!sources.isEmpty(), "sources must not be empty");
    Objects.requireNonNull(combine, "combine");
    PolicyConfig.require(
        sources.stream().map(InventorySource::name).distinct().count() == sources.size(),
        "names of sources must differ");
  }

  /** Defers what no source knows. */
  public Inventory(List<InventorySource> sources, Combine combine, boolean replacesNodeStatus) {
    this(sources, combine, replacesNodeStatus, OnMissing.DEFER);
  }

  /** What is done with a request of a Node that no inventory knows. */
  public enum OnMissing {
    /** It is deferred. */
    DEFER,
    /** It may renew names and addresses of the certificate that the Node serves now. */
    RENEW
  }

  /** How answers of several inventories combine. */
  public enum Combine {
    /** The first source that knows the Node decides. */
    FIRST_MATCH,
    /** One source that gives the name suffices. */
    ANY,
    /** Every source must give the name. */
    ALL
  }
}
