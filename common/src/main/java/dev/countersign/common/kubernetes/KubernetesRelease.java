package dev.countersign.common.kubernetes;

import java.util.Objects;

/**
 * A release, and what belongs to it.
 *
 * @param kubernetes the patch release that is tested
 * @param etcd the tag of etcd's image
 * @param coredns the tag of CoreDNS' image
 * @param pause the tag of the image of a pod's sandbox
 * @param flannel the tag of flannel's image
 * @param flannelCni the tag of the image that installs the network plugins
 */
public record KubernetesRelease(
    KubernetesVersion kubernetes,
    String etcd,
    String coredns,
    String pause,
    String flannel,
    String flannelCni) {
  public KubernetesRelease {
    Objects.requireNonNull(kubernetes, "kubernetes");
    Objects.requireNonNull(etcd, "etcd");
    Objects.requireNonNull(coredns, "coredns");
    Objects.requireNonNull(pause, "pause");
    Objects.requireNonNull(flannel, "flannel");
    Objects.requireNonNull(flannelCni, "flannelCni");
  }

  /** The version of a program or image of that name: etcd has its own, others are Kubernetes'. */
  public String versionOf(String name) {
    return switch (name) {
      case "etcd" -> etcd;
      case "coredns" -> coredns;
      case "pause" -> pause;
      case "flannel" -> flannel;
      case "flannel-cni" -> flannelCni;
      default -> kubernetes.toString();
    };
  }

  /** The same with another patch release, which may be newer than the one that is tested. */
  public KubernetesRelease withKubernetes(KubernetesVersion version) {
    return new KubernetesRelease(version, etcd, coredns, pause, flannel, flannelCni);
  }
}
