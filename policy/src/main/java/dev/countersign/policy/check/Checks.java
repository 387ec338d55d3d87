package dev.countersign.policy.check;

import java.util.List;

/** Every rule there is. Their order has no meaning. */
public final class Checks {
  private static final List<RequestCheck> BYTES =
      List.of(
          new RequestIsReadable(),
          new SubjectIsExact(),
          new ExpirationIsBounded(),
          new KeyIsGood(),
          new PossessionIsProven());
  private static final List<RequestCheck> REQUEST =
      List.of(
          new RequestIsReadable(),
          new AttributesAreExact(),
          new SubjectIsExact(),
          new RequestorIsTheNode(),
          new UsagesAreExact(),
          new ExpirationIsBounded(),
          new KeyIsGood(),
          new PossessionIsProven(),
          new ExtensionsAreExact(),
          new SansAreWellFormed(),
          new NamesAreNotReserved(),
          new SansAreAllowed(),
          new RulesPassOnRequest());
  private static final List<ClusterCheck> CLUSTER =
      List.of(
          new NodeExists(),
          new SansBelongToNode(),
          new LinkLocalIsAllowed(),
          new SansAreNotProtected(),
          new SansAreHeldByNode(),
          new PendingIsBounded(),
          new InventoryAgrees(),
          new RequestorHasAccess(),
          new NamesResolve(),
          new RenewalKeepsNames(),
          new RulesPassOnNode());

  private Checks() {}

  /** The rules on the request alone that hold for client certificates of kubelets, too. */
  public static List<RequestCheck> onBytes() {
    return BYTES;
  }

  /** The rules on the request alone. */
  public static List<RequestCheck> onRequest() {
    return REQUEST;
  }

  /** The rules that look at the cluster as well. */
  public static List<ClusterCheck> onCluster() {
    return CLUSTER;
  }
}
