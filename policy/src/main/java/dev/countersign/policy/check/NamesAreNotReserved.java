package dev.countersign.policy.check;

import dev.countersign.common.name.DnsName;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    Guard guard = config.guard();
    for (ParsedCsr.RequestedName requested : inspection.names()) {
      DnsName name = requested.name();
      Optional<String> reserved = reserved(name, guard);
      if (reserved.isPresent()) {
        findings.add(
            Reason.NAME_RESERVED, requested.path(), requested.shown(), "no name " + reserved.get());
      } else if (guard.protecting(name).isPresent()) {
        findings.add(
            Reason.PROTECTED_BY_POLICY,
            requested.path(),
            requested.shown(),
            "no name that the policy protects");
      }
    }
    for (ParsedCsr.RequestedAddress requested : inspection.addresses()) {
      guard
          .protecting(requested.address())
          .ifPresent(
              found ->
                  findings.add(
                      Reason.PROTECTED_BY_POLICY,
                      requested.path(),
                      "IP " + requested.address(),
                      "no address in " + found.entry() + ", which the policy protects"));
    }
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
    return guard.clusterDomains().stream()
        .filter(name::isAtOrBelow)
        .findFirst()
        .map(domain -> "in the cluster domain " + domain);
  }
}
