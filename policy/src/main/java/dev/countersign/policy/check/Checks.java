package dev.countersign.policy.check;

import dev.countersign.policy.join.JoinConfig;
import dev.countersign.policy.request.SignerName;
import java.util.List;
import java.util.Objects;

/**
 * The checks that requests of one signer must pass. Their order has no meaning but for those who
 * read an explanation.
 *
 * @param signer whose requests
 * @param onRequest those that look at the immutable request alone
 * @param onCluster those that look at the cluster as well
 */
public record Checks(
    SignerName signer, List<RequestCheck> onRequest, List<ClusterCheck> onCluster) {
  private static final Checks SERVING =
      new Checks(
          SignerName.KUBELET_SERVING,
          List.of(
              new RequestIsReadable(),
              new AttributesAreExact(),
              new SubjectIsExact(),
              new RequestorIsTheNode(),
              new UsagesAreExact("server auth"),
              new ExpirationIsBounded(),
              new KeyIsGood(),
              new PossessionIsProven(),
              new ExtensionsAreExact(),
              new SansAreWellFormed(),
              new NamesAreNotReserved(),
              new SansAreAllowed(),
              new RulesPassOnRequest()),
          List.of(
              new NodeExists(),
              new SansBelongToNode(),
              new LinkLocalIsAllowed(),
              new SansAreNotProtected(),
              new SansAreOwnedByNode(),
              new PendingIsBounded(),
              new InventoryAgrees(),
              new RequestorHasAccess(),
              new NamesResolve(),
              new RenewalKeepsNames(),
              new RulesPassOnNode()));

  public Checks {
    Objects.requireNonNull(signer, "signer");
    onRequest = List.copyOf(onRequest);
    onCluster = List.copyOf(onCluster);
  }

  /** Those of kubelets' serving certificates. */
  public static Checks serving() {
    return SERVING;
  }

  /**
   * Those of kubelets' client certificates under strict join. Three requesters are known. A
   * bootstrap token joins a new node, once its grant, the claim to the name and the Node allow it.
   * A node renews its own certificate, unless an operator revoked the name. A ServiceAccount that
   * the policy names joins a Machine. The form of the request is evaluated as {@code
   * ValidateKubeletClientCSR} in kubernetes/kubernetes {@code pkg/apis/certificates} does, or
   * stricter.
   */
  public static Checks client(JoinConfig config) {
    return new Checks(
        SignerName.KUBELET_CLIENT,
        List.of(
            new RequestIsReadable(),
            new AttributesAreNone(),
            new SubjectIsExact(),
            new UsagesAreExact("client auth"),
            new ExpirationIsBounded(),
            new KeyIsGood(),
            new PossessionIsProven(),
            new AlternativeNamesAreNone(),
            new RenewalIsOfOwnName()),
        List.of(
            new RequesterIsTokenOrNode(),
            new TokenHasGrant(),
            new TokenIsForNode(),
            new TokenWindowIsOpen(),
            new TokenHasUseLeft(),
            new NodeIsListed(),
            new MachineIsAttested(),
            new MachineIsNew(),
            new NodeIsNotThereYet(config.certificateLifetime()),
            new NameIsFree(config.registrationWindow())));
  }
}
