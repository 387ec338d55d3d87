package dev.countersign.render.spec;

/** The images a cluster runs, with what is used where the spec names none. */
public enum ContainerImage {
  /** The API server. */
  KUBE_APISERVER("kubeApiserver", "registry.k8s.io/kube-apiserver:v1.36.2"),
  /** The controller manager. */
  KUBE_CONTROLLER_MANAGER(
      "kubeControllerManager", "registry.k8s.io/kube-controller-manager:v1.36.2"),
  /** The scheduler. */
  KUBE_SCHEDULER("kubeScheduler", "registry.k8s.io/kube-scheduler:v1.36.2"),
  /** Service addresses. */
  KUBE_PROXY("kubeProxy", "registry.k8s.io/kube-proxy:v1.36.2"),
  /** Cluster DNS. */
  COREDNS("coredns", "registry.k8s.io/coredns/coredns:v1.13.1"),
  /** The overlay network. */
  FLANNEL("flannel", "docker.io/flannel/flannel:v0.27.0"),
  /** What puts the network plugins onto a node. */
  FLANNEL_CNI("flannelCni", "quay.io/poseidon/flannel-cni:v0.4.2"),
  /** etcd, on controllers. */
  ETCD("etcd", "quay.io/coreos/etcd:v3.6.5"),
  /** The approver of kubelet serving certificates. */
  APPROVER("approver", "quay.io/countersign/approver:0.1.0"),
  /** The kubelet and kubectl, on every node. */
  KUBELET("kubelet", "quay.io/poseidon/kubelet:v1.36.2");

  private final String key;
  private final String byDefault;

  ContainerImage(String key, String byDefault) {
    this.key = key;
    this.byDefault = byDefault;
  }

  /** The field's name under {@code containerImages}. */
  public String key() {
    return key;
  }

  /** What is used where the spec names none. */
  public String byDefault() {
    return byDefault;
  }
}
