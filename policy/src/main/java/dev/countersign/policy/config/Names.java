package dev.countersign.policy.config;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpRange;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Which DNS names are good.
 *
 * @param allowedPatterns if not empty, each name must match one of these
 * @param allowIDN names and domains whose labels may be in the encoding xn--
 * @param allowUnderscore whether labels may hold underscores
 * @param allowTrailingDot whether a name may end in a dot; it compares and is recorded without
 * @param nodeNamePrefix whether each name must be the Node's name, alone or followed by a dot and
 *     more
 * @param resolution whether each name must resolve to addresses of the request
 * @param resolutionTimeout how long one lookup may take
 * @param searchDomains domains in which names are looked up, too; empty for those that the
 *     machine's resolv.conf names
 * @param additionalAddressRanges addresses of further interfaces: a name may resolve to them
 *     besides an address of the Node
 */
public record Names(
    List<DnsPattern> allowedPatterns,
    List<DnsName> allowIDN,
    boolean allowUnderscore,
    boolean allowTrailingDot,
    boolean nodeNamePrefix,
    Resolution resolution,
    Duration resolutionTimeout,
    Optional<List<DnsName>> searchDomains,
    List<IpRange> additionalAddressRanges) {
  public Names {
    allowedPatterns = List.copyOf(allowedPatterns);
    allowIDN = List.copyOf(allowIDN);
    Objects.requireNonNull(resolution, "resolution");
    PolicyConfig.require(resolutionTimeout.isPositive(), "resolutionTimeout must be positive");
    searchDomains = searchDomains.map(List::copyOf);
    additionalAddressRanges = List.copyOf(additionalAddressRanges);
  }

  /** Any host name, ASCII only, no lookups. */
  public static Names defaults() {
    return new Names(
        List.of(),
        List.of(),
        false,
        false,
        false,
        Resolution.OFF,
        Duration.ofSeconds(2),
        Optional.empty(),
        List.of());
  }

  /** The same with or without lookups. */
  public Names withResolution(Resolution other) {
    return new Names(
        allowedPatterns,
        allowIDN,
        allowUnderscore,
        allowTrailingDot,
        nodeNamePrefix,
        other,
        resolutionTimeout,
        searchDomains,
        additionalAddressRanges);
  }

  /** Forward DNS. */
  public enum Resolution {
    /** Names are not looked up. */
    OFF("Off"),
    /**
     * Each name must resolve, to addresses that the request asks for or that are on record as the
     * Node's. What the Node's status lists does not count: its kubelet writes that.
     */
    REQUIRED("Required"),
    /**
     * The same, and a request with names asks for no address but those to which they resolve, all
     * of which are in {@code addresses.allowedRanges}.
     */
    EXACT("Exact");

    private final String text;

    Resolution(String text) {
      this.text = text;
    }

    /** As written in the policy file. */
    public String text() {
      return text;
    }
  }
}
