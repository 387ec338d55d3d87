package dev.countersign.render.spec;

import dev.countersign.common.kubernetes.KubernetesRelease;
import dev.countersign.common.kubernetes.KubernetesVersion;
import java.util.Optional;
import java.util.regex.Pattern;

/** The images a cluster runs, with what is used where the spec names none. */
public enum ContainerImage {
  /** The API server. */
  KUBE_APISERVER("kubeApiserver", "registry.k8s.io/kube-apiserver"),
  /** The controller manager. */
  KUBE_CONTROLLER_MANAGER("kubeControllerManager", "registry.k8s.io/kube-controller-manager"),
  /** The scheduler. */
  KUBE_SCHEDULER("kubeScheduler", "registry.k8s.io/kube-scheduler"),
  /** Service addresses. */
  KUBE_PROXY("kubeProxy", "registry.k8s.io/kube-proxy"),
  /** Cluster DNS. */
  COREDNS("coredns", "registry.k8s.io/coredns/coredns"),
  /** The overlay network. */
  FLANNEL("flannel", "docker.io/flannel/flannel"),
  /** What puts the network plugins onto a node. */
  FLANNEL_CNI("flannelCni", "quay.io/poseidon/flannel-cni"),
  /** etcd, on controllers. */
  ETCD("etcd", "quay.io/coreos/etcd"),
  /** The approver of kubelet serving certificates. */
  APPROVER("approver", "quay.io/countersign/approver"),
  /** The kubelet and kubectl, on every node. */
  KUBELET("kubelet", "quay.io/poseidon/kubelet");

  /** What {@link #isReference} takes, in words. */
  public static final String REFERENCE_WANT =
      "an image with its registry and a tag or digest, such as quay.io/poseidon/kubelet:vX.Y.Z";

  private static final String APPROVER_VERSION = "0.1.0";

  private static final Pattern REFERENCE =
      Pattern.compile(
          "[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?"
              + "(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)+"
              + "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?");

  private final String key;
  private final String repository;

  ContainerImage(String key, String repository) {
    this.key = key;
    this.repository = repository;
  }

  /** The field's name under {@code containerImages}. */
  public String key() {
    return key;
  }

  /** Where the image comes from if the spec names none: registry and repository, without a tag. */
  public String repository() {
    return repository;
  }

  /** The last part of its repository, {@code kube-apiserver}. */
  public String imageName() {
    return repository.substring(repository.lastIndexOf('/') + 1);
  }

  /** Whether a text names one image: a registry, a repository, and a tag or digest or both. */
  public static boolean isReference(String text) {
    int name = text.lastIndexOf('/') + 1;
    boolean pinned = text.indexOf(':', name) >= 0 || text.indexOf('@', name) >= 0;
    return text.length() <= 512 && REFERENCE.matcher(text).matches() && pinned;
  }

  /** The release of Kubernetes that a reference's tag names; empty where it has none. */
  public static Optional<KubernetesVersion> version(String reference) {
    int digest = reference.indexOf('@');
    String named = digest < 0 ? reference : reference.substring(0, digest);
    String name = named.substring(named.lastIndexOf('/') + 1);
    return KubernetesVersion.inTag(name.substring(name.indexOf(':') + 1));
  }

  /** What is used with a release of Kubernetes where the spec names none. */
  public String of(KubernetesRelease release) {
    return repository
        + ":"
        + (this == APPROVER ? APPROVER_VERSION : release.versionOf(imageName()));
  }
}
