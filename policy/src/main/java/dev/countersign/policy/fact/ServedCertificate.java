package dev.countersign.policy.fact;

import dev.countersign.common.Bytes;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.NameAttribute;
import dev.countersign.x509.request.SubjectAltName;
import java.time.Instant;
import java.util.ArrayList;
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
  public static List<IpAddress> places(Set<NameOrAddress> claims, Facts facts) {
    Map<NameOrAddress, AddressOwnership> holdings =
        facts.holdings() instanceof Fact.Known<Map<NameOrAddress, AddressOwnership>>(var known)
            ? known
            : Map.of();
    List<IpAddress> places = new ArrayList<>();
    List<IpAddress> others = new ArrayList<>();
    for (NameOrAddress claim : claims) {
      if (claim instanceof IpAddress address) {
        (holdings.get(address) instanceof AddressOwnership.Contested ? places : others)
            .add(address);
      }
    }
    places.addAll(others);
    if (places.isEmpty()
        && facts.node() instanceof Fact.Known<Optional<NodeFact>>(Optional<NodeFact> known)) {
      known.ifPresent(found -> places.addAll(found.ipAddresses()));
    }
    return places;
  }

  /**
   * What a certificate that was shown at an address says; empty where it is not that Node's, or not
   * for that address.
   */
  public static Optional<ServedCertificate> of(
      NodeName node, IpAddress address, Certificate certificate) {
    DistinguishedName subject = certificate.subject();
    if (!subject.values(NameAttribute.COMMON_NAME).equals(List.of(node.userName()))
        || !subject.values(NameAttribute.ORGANIZATION).contains("system:nodes")) {
      return Optional.empty();
    }
    Set<DnsName> names = new HashSet<>();
    Set<IpAddress> addresses = new HashSet<>();
    for (SubjectAltName san : certificate.sans()) {
      switch (san) {
        case SubjectAltName.Dns(String name) -> names.add(DnsName.of(name));
        case SubjectAltName.Ip(Bytes bytes) -> IpAddress.of(bytes).ifPresent(addresses::add);
        case SubjectAltName.Email _, SubjectAltName.Uri _, SubjectAltName.Other _ -> {}
      }
    }
    return addresses.contains(address)
        ? Optional.of(
            new ServedCertificate(node, address, names, addresses, certificate.notAfter()))
        : Optional.empty();
  }
}
