package dev.countersign.policy.config;

import dev.countersign.common.name.IpRange;
import java.util.List;

/**
 * Which IP addresses are good.
 *
 * @param allowedRanges if not empty, each address must lie in one of these
 * @param specialRanges link-local addresses that are good all the same
 * @param allowAsDnsNames whether an IPv4 address of the request may also be one of its DNS names,
 *     as kubelets ask for where a provider reports it as InternalDNS
 */
public record Addresses(
    List<IpRange> allowedRanges, List<IpRange> specialRanges, boolean allowAsDnsNames) {
  private static final List<IpRange> LINK_LOCAL =
      List.of(
          IpRange.parse("169.254.0.0/16").orElseThrow(), IpRange.parse("fe80::/10").orElseThrow());

  public Addresses {
    allowedRanges = List.copyOf(allowedRanges);
    specialRanges = List.copyOf(specialRanges);
    PolicyConfig.require(
        specialRanges.stream().allMatch(Addresses::isLinkLocal),
        "specialRanges must be link-local");
  }

  /** Any address that a host can have beyond its link. */
  public static Addresses defaults() {
    return new Addresses(List.of(), List.of(), false);
  }

  /** Whether all addresses of a range are link-local (RFC 3927, RFC 4291). */
  public static boolean isLinkLocal(IpRange range) {
    return LINK_LOCAL.stream().anyMatch(all -> all.contains(range));
  }
}
