package dev.countersign.policy.ownership;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.DnsSyntax;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.NodeFact;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a Node claims: its own name, and what its {@code status.addresses} says.
 *
 * @param inStatus the names and addresses that a kubelet with this Node's addresses asks for. Texts
 *     that are no host names, underscores aside, are left out: no request for them passes under any
 *     policy, so nobody needs to own them. Names that read like an address are the Node's own name,
 *     or one of its addresses
 * @param own the Node's own name, unless it reads like an address that is not the Node's
 */
public record ReportedAddresses(
    NodeFact node, List<NameOrAddress> inStatus, Optional<DnsName> own) {
  public ReportedAddresses {
    inStatus = List.copyOf(inStatus);
  }

  /** Reads them. */
  public static ReportedAddresses of(NodeFact node) {
    Set<NameOrAddress> claims = new HashSet<>(node.ipAddresses());
    for (DnsName name : node.dnsNames()) {
      if (isClaimable(node, name, claims)) {
        claims.add(name);
      }
    }
    Optional<DnsName> own =
        Optional.of(DnsName.of(node.name().text())).filter(name -> isClaimable(node, name, claims));
    return new ReportedAddresses(node, List.copyOf(claims), own);
  }

  /**
   * All of them.
   *
   * @param most a Node whose status claims more than this claims its own name only
   */
  public Set<NameOrAddress> within(int most) {
    Set<NameOrAddress> claims = new HashSet<>(areWithin(most) ? inStatus : List.of());
    own.ifPresent(claims::add);
    return claims;
  }

  /** Whether the status claims no more than that. */
  public boolean areWithin(int most) {
    return inStatus.size() <= most;
  }

  private static boolean isClaimable(NodeFact node, DnsName name, Set<NameOrAddress> addresses) {
    return DnsSyntax.isHostNameOrUnderscored(name.text())
        && (!DnsSyntax.isAddress(name.text())
            || node.name().isLabel(name)
            || isOneOf(addresses, name));
  }

  /**
   * Whether a name has the form of another Node's name: the domain of this Node's name, or none
   * where that has none, and another first label. {@code worker-7} is a sibling of {@code
   * worker-3}, and {@code worker-7.example.com} one of {@code worker-3.example.com}; {@code
   * worker-3.example.com} is none of {@code worker-3}.
   */
  public static boolean isSibling(NodeName node, DnsName name) {
    int ownDot = dot(node.text());
    int dot = dot(name.text());
    return !node.text().substring(0, ownDot).equals(name.text().substring(0, dot))
        && node.text().substring(ownDot).equals(name.text().substring(dot));
  }

  private static int dot(String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? name.length() : dot;
  }

  private static boolean isOneOf(Set<NameOrAddress> claims, DnsName name) {
    return IpAddress.parse(name.text())
        .filter(address -> address.toString().equals(name.text()) && claims.contains(address))
        .isPresent();
  }
}
