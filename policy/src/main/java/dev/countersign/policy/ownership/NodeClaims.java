package dev.countersign.policy.ownership;

import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.name.Claimable;
import dev.countersign.policy.name.DnsName;
import dev.countersign.policy.name.DnsSyntax;
import dev.countersign.policy.name.IpAddress;
import java.util.HashSet;
import java.util.Set;

/** What a Node claims by its {@code status.addresses}. */
public final class NodeClaims {
  private NodeClaims() {}

  /**
   * The names and addresses that a kubelet with this Node's addresses asks for. Texts that are no
   * host names are left out: no request for them passes, so nobody needs to own them. Names that
   * read like an address are the Node's own name, or one of its addresses.
   *
   * @param most a Node that claims more than this claims nothing: recording them all would let one
   *     hostile kubelet fill the ledger
   */
  public static Set<Claimable> of(NodeFact node, int most) {
    Set<Claimable> claims = new HashSet<>(node.ipAddresses());
    for (DnsName name : node.dnsNames()) {
      if (DnsSyntax.isHostName(name.text())
          && (!DnsSyntax.isAddress(name.text())
              || node.name().isLabel(name)
              || isOneOf(claims, name))) {
        claims.add(name);
      }
    }
    return claims.size() > most ? Set.of() : claims;
  }

  private static boolean isOneOf(Set<Claimable> claims, DnsName name) {
    return IpAddress.parse(name.text())
        .filter(address -> address.toString().equals(name.text()) && claims.contains(address))
        .isPresent();
  }
}
