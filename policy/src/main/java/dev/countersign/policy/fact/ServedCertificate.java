package dev.countersign.policy.fact;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NodeName;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/**
 * The certificate that answered at the Node's address, verified against the cluster's certificate
 * authority, its common name being that Node's.
 *
 * @param node whose certificate it is
 * @param dialed the address at which it answered
 * @param dnsNames its DNS names
 * @param addresses its IP addresses
 * @param notAfter when it expires
 */
public record ServedCertificate(
    NodeName node,
    IpAddress dialed,
    Set<DnsName> dnsNames,
    Set<IpAddress> addresses,
    Instant notAfter) {
  public ServedCertificate {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(dialed, "dialed");
    dnsNames = Set.copyOf(dnsNames);
    addresses = Set.copyOf(addresses);
    Objects.requireNonNull(notAfter, "notAfter");
  }
}
