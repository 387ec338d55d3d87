package dev.countersign.common.kubernetes;

/** How a kubelet's version stands to the API server's (Kubernetes' version skew policy). */
public enum KubeletSkew {
  /** Of the same minor version, or at most three older. */
  SUPPORTED,
  /** Of a newer minor version than the API server. */
  NEWER,
  /** More than three minor versions older. */
  TOO_OLD
}
