package dev.countersign.policy.config;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpRange;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Whether names and addresses belong to the Node that claimed them first.
 *
 * @param enforced whether they do
 * @param sharedNames names that several Nodes may have
 * @param sharedRanges addresses that several Nodes may have
 * @param reclaim how long a Node that claimed an address while it was owned waits after its owner
 *     has left it
 * @param siblingNames how a Node gets a name that has the form of another Node's
 * @param perNode what one Node may have on record
 */
public record Ownership(
    boolean enforced,
    Set<DnsName> sharedNames,
    List<IpRange> sharedRanges,
    Duration reclaim,
    SiblingNames siblingNames,
    PerNode perNode) {
  public Ownership {
    sharedNames = Set.copyOf(sharedNames);
    sharedRanges = List.copyOf(sharedRanges);
    PolicyConfig.require(!reclaim.isNegative(), "reclaim must not be negative");
    Objects.requireNonNull(siblingNames, "siblingNames");
    Objects.requireNonNull(perNode, "perNode");
  }

  /** Enforced, nothing shared, half a minute, names of others' form only where assigned. */
  public static Ownership defaults() {
    return new Ownership(
        true,
        Set.of(),
        List.of(),
        Duration.ofSeconds(30),
        SiblingNames.ASSIGNED,
        PerNode.defaults());
  }

  /** How a Node gets a name that has the form of another Node's, such as worker-7 of worker-3. */
  public enum SiblingNames {
    /** An operator or an inventory gives it. */
    ASSIGNED,
    /** By its first claim, like any other name. */
    FIRST_CLAIM
  }

  /**
   * What one Node may have on record.
   *
   * @param recordBytes bytes of the records of what it owns, has left and waits for, if not by
   *     default ({@link PolicyConfig#recordBytesPerNode})
   * @param changeBurst how many changes of its names and addresses are recorded at once
   * @param changeInterval after that many, one change is recorded in this time
   */
  public record PerNode(Optional<Integer> recordBytes, int changeBurst, Duration changeInterval) {
    public PerNode {
      PolicyConfig.require(
          recordBytes.filter(n -> n < 1024).isEmpty(), "recordBytes must be 1024 or more");
      PolicyConfig.require(changeBurst >= 1, "changeBurst must be 1 or more");
      PolicyConfig.require(!changeInterval.isNegative(), "changeInterval must not be negative");
    }

    /** Room for as many names as a request may have; eight changes, then one in five seconds. */
    public static PerNode defaults() {
      return new PerNode(Optional.empty(), 8, Duration.ofSeconds(5));
    }
  }
}
