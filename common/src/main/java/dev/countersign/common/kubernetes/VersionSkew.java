package dev.countersign.common.kubernetes;

/** How a component's version stands to the API server's (Kubernetes' version skew policy). */
public enum VersionSkew {
  /** Of the same minor version, or older by no more than is allowed. */
  SUPPORTED,
  /** Of a newer minor version than the API server. */
  NEWER,
  /** Older by more minor versions than is allowed. */
  TOO_OLD
}
