package dev.countersign.policy.fact;

import dev.countersign.common.name.Claimable;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NodeName;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

  /**
   * The addresses to look for it at, those that matter most first: those of a request, or without
   * any in there those of the Node. At a contested one an answer settles whose it is.
   *
   * @param claims what the request asks for
   * @param facts the holders of these and the Node, as far as they are known
   */
  public static List<IpAddress> places(Set<Claimable> claims, Facts facts) {
    Map<Claimable, Holding> holdings =
        facts.holdings() instanceof Fact.Known<Map<Claimable, Holding>>(var known)
            ? known
            : Map.of();
    List<IpAddress> contested = new ArrayList<>();
    List<IpAddress> others = new ArrayList<>();
    for (Claimable claim : claims) {
      if (claim instanceof IpAddress address) {
        (holdings.get(address) instanceof Holding.Contested ? contested : others).add(address);
      }
    }
    if (others.isEmpty()
        && facts.node() instanceof Fact.Known<Optional<NodeFact>>(Optional<NodeFact> known)) {
      known.ifPresent(found -> others.addAll(found.ipAddresses()));
    }
    contested.addAll(others);
    return contested;
  }

  /**
   * Reads a certificate that was shown at an address; empty where it is not that Node's, or not for
   * that address.
   */
  public static Optional<ServedCertificate> of(
      NodeName node, IpAddress address, X509Certificate certificate) throws CertificateException {
    String subject = certificate.getSubjectX500Principal().getName();
    String common = "CN=" + node.userName();
    boolean ofNode =
        List.of(subject.split(",", -1)).contains(common)
            && List.of(subject.split(",", -1)).contains("O=system:nodes");
    if (!ofNode) {
      return Optional.empty();
    }
    Set<DnsName> names = new HashSet<>();
    Set<IpAddress> addresses = new HashSet<>();
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      for (List<?> alternative : alternatives) {
        if (alternative.get(1) instanceof String text) {
          if (Integer.valueOf(7).equals(alternative.get(0))) {
            IpAddress.parse(text).ifPresent(addresses::add);
          } else if (Integer.valueOf(2).equals(alternative.get(0))) {
            names.add(DnsName.of(text));
          }
        }
      }
    }
    return addresses.contains(address)
        ? Optional.of(
            new ServedCertificate(
                node, address, names, addresses, certificate.getNotAfter().toInstant()))
        : Optional.empty();
  }
}
