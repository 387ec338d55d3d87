package dev.countersign.render.spec;

import java.util.List;

/** What a cluster comes with beside its control plane; each can be left out. */
public enum Component {
  /** Cluster DNS. */
  COREDNS("coredns", ContainerImage.COREDNS),
  /** Service addresses. */
  KUBE_PROXY("kubeProxy", ContainerImage.KUBE_PROXY),
  /** The overlay network, where {@code networking: flannel}. */
  FLANNEL("flannel", ContainerImage.FLANNEL, ContainerImage.FLANNEL_CNI),
  /** The approver of kubelet serving certificates. */
  APPROVER("approver", ContainerImage.APPROVER);

  private final String key;

  @SuppressWarnings("ImmutableEnumChecker") // a copy that nobody can change
  private final List<ContainerImage> images;

  Component(String key, ContainerImage... images) {
    this.key = key;
    this.images = List.of(images);
  }

  /** The field's name under {@code components}. */
  public String key() {
    return key;
  }

  /** The images it runs. */
  public List<ContainerImage> images() {
    return images;
  }
}
