package dev.countersign.testbed.binaries;

import java.util.EnumSet;
import java.util.Set;

/**
 * The programs a control plane and its nodes are made of, by the file name they are found under.
 */
public enum Program {
  ETCD("etcd"),
  KUBE_APISERVER("kube-apiserver"),
  KUBE_CONTROLLER_MANAGER("kube-controller-manager"),
  KUBE_SCHEDULER("kube-scheduler"),
  KUBELET("kubelet"),
  KUBECTL("kubectl"),
  KUBEADM("kubeadm"),
  /** A container runtime that only pretends; ours, so in our own build only. */
  FAKE_CRI("fake-cri"),
  /** Kubernetes' validation of certificate requests; ours, so in our own build only. */
  ORACLE("oracle"),
  /** Ends what it started when its owner ends; ours, so in our own build only. A JVM stands in. */
  SUPERVISE("supervise");

  private final String fileName;

  Program(String fileName) {
    this.fileName = fileName;
  }

  /** Without these there is no control plane. */
  public static Set<Program> needed() {
    return EnumSet.of(ETCD, KUBE_APISERVER, KUBE_CONTROLLER_MANAGER, KUBECTL);
  }

  /** Those that upstream publishes beside {@link #ETCD}. */
  public static Set<Program> ofKubernetes() {
    return EnumSet.range(KUBE_APISERVER, KUBEADM);
  }

  /** The program's file name. */
  public String fileName() {
    return fileName;
  }
}
