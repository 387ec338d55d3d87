package dev.countersign.policy.check;

import dev.countersign.common.name.NodeName;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.InventorySource.Bootstrapper;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.request.CsrSpec;

/** Who asks for a client certificate, as far as strict join tells requesters apart. */
public sealed interface Requester {
  /** Of bootstrap tokens. */
  String BOOTSTRAPPERS = "system:bootstrappers";

  /** Of nodes. */
  String NODES = "system:nodes";

  /** A bootstrap token, which joins a new node. */
  record Token(TokenId id) implements Requester {}

  /** A node with credentials of its own, which renews them. */
  record Node() implements Requester {}

  /** A ServiceAccount that the policy names, which joins Machines. */
  record MachineBootstrapper(InventorySource.Machines machines, Bootstrapper account)
      implements Requester {}

  /** Anyone else. */
  record Other() implements Requester {}

  /** Who made a request. */
  static Requester of(CsrSpec csr, PolicyConfig config) {
    CsrSpec.Requestor requestor = csr.requestor();
    var token = TokenId.ofUser(requestor.username());
    if (token.isPresent() && requestor.groups().contains(BOOTSTRAPPERS)) {
      return new Token(token.get());
    }
    if (requestor.username().startsWith(NodeName.USER_PREFIX)
        && requestor.groups().contains(NODES)) {
      return new Node();
    }
    return config.inventory().stream()
        .flatMap(inventory -> inventory.sources().stream())
        .filter(InventorySource.Machines.class::isInstance)
        .map(InventorySource.Machines.class::cast)
        .flatMap(
            machines ->
                machines.bootstrappers().stream()
                    .filter(
                        account ->
                            requestor.username().equals(account.username())
                                && requestor.groups().contains(account.group()))
                    .map(account -> new MachineBootstrapper(machines, account)))
        .map(Requester.class::cast)
        .findFirst()
        .orElseGet(Other::new);
  }

  /** Whether it brings a new node rather than renews for one that is there. */
  default boolean joins() {
    return switch (this) {
      case Token _, MachineBootstrapper _ -> true;
      case Node _, Other _ -> false;
    };
  }
}
