package dev.countersign.policy.fact;

import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import java.util.Collection;
import java.util.Optional;

/** Whether ServiceCIDR objects tell all the ranges that Services get their addresses from. */
public final class ServiceRanges {
  private ServiceRanges() {}

  /**
   * Why they do not tell, if they do not. An API server of 1.33 whose allocator does not use them
   * serves none, or some that are not in use.
   *
   * @param ranges of all ServiceCIDR objects
   * @param apiServer the cluster IPs of Service {@code default/kubernetes}, which a range in use
   *     contains; none where there is no such Service
   */
  public static Optional<String> whyUnknown(
      Collection<IpRange> ranges, Collection<IpAddress> apiServer) {
    if (ranges.isEmpty()) {
      return Optional.of("the API server has no ServiceCIDR objects");
    }
    for (IpAddress address : apiServer) {
      if (ranges.stream().noneMatch(range -> range.contains(address))) {
        return Optional.of(
            "no ServiceCIDR object has " + address + ", which is Service default/kubernetes");
      }
    }
    return Optional.empty();
  }
}
