package dev.countersign.policy.ownership;

import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.name.Claimable;
import dev.countersign.policy.name.DnsSyntax;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;

/** What a Node claims by its {@code status.addresses}. */
public final class NodeClaims {
  private NodeClaims() {}

  /**
   * The names and addresses that a kubelet with this Node's addresses asks for. Texts that are no
   * host names are left out: no request for them passes, so nobody needs to own them.
   *
   * @param most a Node that claims more than this claims nothing: recording them all would let one
   *     hostile kubelet fill the ledger
   */
  public static Set<Claimable> of(NodeFact node, int most) {
    Set<Claimable> claims = new TreeSet<>(Comparator.comparing(Claimable::key));
    node.dnsNames().stream()
        .filter(name -> DnsSyntax.isHostName(name.text()) && !DnsSyntax.isAddress(name.text()))
        .forEach(claims::add);
    claims.addAll(node.ipAddresses());
    return claims.size() > most ? Set.of() : claims;
  }
}
