package dev.countersign.render.spec;

/** What a node is for. */
public enum NodeRole {
  /** Runs etcd and the control plane. */
  CONTROL_PLANE("controller"),
  /** Runs workloads. */
  WORKER("worker");

  private final String key;

  NodeRole(String key) {
    this.key = key;
  }

  /** Returns the name in a ClusterSpec and in file names, as Typhoon has it. */
  public String key() {
    return key;
  }
}
