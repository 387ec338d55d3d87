package dev.countersign.render.spec;

/** What a cluster comes with beside its control plane; each can be left out. */
public enum Component {
  /** Cluster DNS. */
  COREDNS("coredns"),
  /** Service addresses. */
  KUBE_PROXY("kubeProxy"),
  /** The overlay network, where {@code networking: flannel}. */
  FLANNEL("flannel"),
  /** The approver of kubelet serving certificates. */
  APPROVER("approver");

  private final String key;

  Component(String key) {
    this.key = key;
  }

  /** The field's name under {@code components}. */
  public String key() {
    return key;
  }
}
