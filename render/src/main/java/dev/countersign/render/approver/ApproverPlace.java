package dev.countersign.render.approver;

/** Where the approver's pods run. */
public enum ApproverPlace {
  /**
   * On the pod network of any cluster, in a namespace of their own under Pod Security {@code
   * restricted}; on control plane nodes where there are some.
   */
  ANY_NODE,
  /**
   * The same on the node's network: they start where the network plugin waits for nodes that wait
   * for certificates. Pod Security calls that {@code privileged}.
   */
  HOST_NETWORK,
  /**
   * On the host network of a rendered cluster's controllers, straight to the API server that its
   * ConfigMap {@code in-cluster} names: logs and exec work before the pod network does.
   */
  CONTROL_PLANE;

  /** Whether probes and metrics are on the node's loopback. */
  boolean onHostNetwork() {
    return this != ANY_NODE;
  }
}
