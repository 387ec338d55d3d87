package dev.countersign.render.spec;

import java.util.regex.Pattern;

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

  /** What {@link #isReference} takes, in words. */
  public static final String REFERENCE_WANT =
      "an image with its registry and a tag or digest, such as quay.io/poseidon/kubelet:v1.36.2";

  private static final Pattern REFERENCE =
      Pattern.compile(
          "[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?"
              + "(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+"
              + "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?");

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

  /** Whether a text names one image: a registry, a repository, and a tag or digest or both. */
  public static boolean isReference(String text) {
    int name = text.lastIndexOf('/') + 1;
    boolean pinned = text.indexOf(':', name) >= 0 || text.indexOf('@', name) >= 0;
    return text.length() <= 512 && REFERENCE.matcher(text).matches() && pinned;
  }

  /** What is used where the spec names none. */
  public String byDefault() {
    return byDefault;
  }
}
