package dev.countersign.policy.fact;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;

/**
 * That the ranges which Services get their addresses from are not known, and what is known all the
 * same.
 *
 * @param why as a clause: {@code the API server has no ServiceCIDR objects}
 * @param widest what the range of Services can be at most; empty where nothing bounds it
 */
public record ServiceRangesUnknown(String why, Optional<IpRange> widest) {
  /** kube-apiserver refuses a {@code --service-cluster-ip-range} with more bits for hosts. */
  private static final int MOST_HOST_BITS = 20;

  public ServiceRangesUnknown {
    Objects.requireNonNull(why, "why");
    Objects.requireNonNull(widest, "widest");
  }

  /**
   * What is known by the Services there are. The API server gives the first address of its range to
   * Service {@code default/kubernetes}; where some Service has an address outside of all ranges
   * that begin so, it is not believed.
   *
   * @param apiServer the cluster IPs of {@code default/kubernetes}
   * @param services the cluster IPs of every Service
   */
  public static ServiceRangesUnknown of(
      String why, Collection<IpAddress> apiServer, Collection<IpAddress> services) {
    Optional<IpRange> widest =
        apiServer.size() == 1 ? widestWithFirst(apiServer.iterator().next()) : Optional.empty();
    return new ServiceRangesUnknown(
        why, widest.filter(range -> services.stream().allMatch(each -> mayBeOf(range, each))));
  }

  /** A second range, of the other IP family, is bounded by nothing. */
  private static boolean mayBeOf(IpRange range, IpAddress address) {
    return range.family() != address.family() || range.contains(address);
  }

  private static Optional<IpRange> widestWithFirst(IpAddress address) {
    int bits = address.version4() ? 32 : 128;
    for (int prefix = bits - MOST_HOST_BITS; prefix < bits; prefix++) {
      IpRange range = IpRange.around(address, prefix);
      if (range.address(1).filter(address::equals).isPresent()) {
        return Optional.of(range);
      }
    }
    return Optional.empty();
  }

  /** Whether the address may be a Service's. */
  public boolean mayHold(IpAddress address) {
    return widest.map(range -> mayBeOf(range, address)).orElse(true);
  }

  /** Why, and which addresses may be a Service's then. */
  public String detail() {
    return widest
        .map(
            range ->
                why
                    + "; by the address of Service default/kubernetes it is "
                    + range
                    + " at the widest")
        .orElse(why);
  }

  /** The requests that are deferred, as an object of a sentence. */
  public String deferred() {
    return "every request for an IP address"
        + widest
            .map(
                range ->
                    switch (range.family()) {
                      case IPV4 -> " of " + range + ", or for an IPv6 address";
                      case IPV6 -> " of " + range + ", or for an IPv4 address";
                    })
            .orElse("");
  }
}
