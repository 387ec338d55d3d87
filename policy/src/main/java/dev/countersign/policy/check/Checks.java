package dev.countersign.policy.check;

import java.util.List;

/** Every rule there is. Their order has no meaning. */
public final class Checks {
  private static final List<RequestCheck> REQUEST = List.of();
  private static final List<ClusterCheck> CLUSTER = List.of();

  private Checks() {}

  /** The rules on the request alone. */
  public static List<RequestCheck> onRequest() {
    return REQUEST;
  }

  /** The rules that look at the cluster as well. */
  public static List<ClusterCheck> onCluster() {
    return CLUSTER;
  }
}
