package dev.countersign.render.approver;

/** Where the approver's pods run. */
public enum ApproverPlace {
  /**
   * On the pod network of any cluster, in a namespace of their own under Pod Security {@code
   * restricted}; on control plane nodes where there are some.
   */
  ANY_NODE,
  /**
   * On the host network of a rendered cluster's controllers, straight to the API server that its
   * ConfigMap {@code in-cluster} names: logs and exec work before the pod network does.
   */
  CONTROL_PLANE
}
