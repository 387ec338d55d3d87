package dev.countersign.render.spec;

/** What a node is for. */
public enum NodeRole {
  /** Runs etcd and the control plane. */
  CONTROLLER("controller"),
  /** Runs workloads. */
  WORKER("worker");

  private final String key;

  NodeRole(String key) {
    this.key = key;
  }

  /** In lower case. */
  public String key() {
    return key;
  }
}
