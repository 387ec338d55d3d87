package dev.countersign.render.spec;

/** Every leaf certificate of a cluster, as {@code pki.validity.certificates} names it. */
public enum CertificateName {
  /** What the API server shows. */
  APISERVER("apiserver"),
  /** What the API server shows to kubelets. */
  APISERVER_KUBELET_CLIENT("apiserver-kubelet-client"),
  /** What the API server shows to extension API servers. */
  AGGREGATION_CLIENT("aggregation-client"),
  /** The operator's. */
  ADMIN("admin"),
  /** The controller manager's. */
  CONTROLLER_MANAGER("controller-manager"),
  /** The scheduler's. */
  SCHEDULER("scheduler"),
  /** What the API server shows to etcd. */
  ETCD_CLIENT("etcd-client"),
  /** What etcd shows to clients. */
  ETCD_SERVER("etcd-server"),
  /** What etcd servers show to each other. */
  ETCD_PEER("etcd-peer");

  private final String key;

  CertificateName(String key) {
    this.key = key;
  }

  /** The field's name. */
  public String key() {
    return key;
  }
}
