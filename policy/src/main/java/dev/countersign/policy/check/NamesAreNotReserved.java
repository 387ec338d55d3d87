package dev.countersign.policy.check;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpRange;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** No name is one that every host or cluster uses for itself, or that the policy protects. */
public final class NamesAreNotReserved implements RequestCheck {
  private static final Set<DnsName> LOCAL =
      Set.of(
          DnsName.of("localhost.localdomain"),
          DnsName.of("localhost4"),
          DnsName.of("localhost6"),
          DnsName.of("ip6-localhost"),
          DnsName.of("ip6-loopback"),
          DnsName.of("broadcasthost"));

  /** Names that end so: RFC 6761 for localhost; svc is how cluster DNS abbreviates. */
  private static final List<DnsName> DOMAINS = List.of(DnsName.of("localhost"), DnsName.of("svc"));

  private static final Set<DnsName> API_SERVER =
      Set.of(DnsName.of("kubernetes"), DnsName.of("kubernetes.default"));

  /** The API server under a cluster domain that this policy has not heard of. */
  private static final String API_SERVER_PREFIX = "kubernetes.default.svc.";

  @Override
  public void inspect(Inspection inspection, PolicyConfig config, Findings findings) {
    Guard guard = config.guard();
    for (Inspection.RequestedName requested : inspection.names()) {
      DnsName name = requested.name();
      Optional<String> reserved = reserved(name, guard);
      if (reserved.isPresent()) {
        findings.add(
            Reason.NAME_RESERVED, requested.path(), requested.shown(), "no name " + reserved.get());
      } else if (guard.names().contains(name) || within(name, guard.domains()).isPresent()) {
        findings.add(
            Reason.PROTECTED_BY_POLICY,
            requested.path(),
            requested.shown(),
            "no name that the policy protects");
      }
    }
    for (Inspection.RequestedAddress requested : inspection.addresses()) {
      around(requested, guard)
          .ifPresent(
              range ->
                  findings.add(
                      Reason.PROTECTED_BY_POLICY,
                      requested.path(),
                      "IP " + requested.address(),
                      "no address in " + range + ", which the policy protects"));
    }
  }

  private static Optional<IpRange> around(Inspection.RequestedAddress requested, Guard guard) {
    return Stream.of(guard.ranges(), guard.cidrs().pods(), guard.cidrs().services())
        .flatMap(List::stream)
        .filter(range -> range.contains(requested.address()))
        .findFirst();
  }

  private static Optional<DnsName> within(DnsName name, Collection<DnsName> domains) {
    for (DnsName domain : domains) {
      if (name.isAtOrBelow(domain)) {
        return Optional.of(domain);
      }
    }
    return Optional.empty();
  }

  /** Whose a name is that no Node can have, as in {@code of the API server}; empty for others. */
  public static Optional<String> reserved(DnsName name, Guard guard) {
    if (LOCAL.contains(name) || name.isAtOrBelow(DOMAINS.getFirst())) {
      return Optional.of("of the local host");
    }
    if (API_SERVER.contains(name) || name.text().startsWith(API_SERVER_PREFIX)) {
      return Optional.of("of the API server");
    }
    if (name.isAtOrBelow(DOMAINS.getLast())) {
      return Optional.of("of a Service");
    }
    return within(name, guard.clusterDomains()).map(domain -> "in the cluster domain " + domain);
  }
}
