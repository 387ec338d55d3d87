package dev.countersign.render.spec;

/** Who decides whether a machine may join under a name. */
public enum JoinMode {
  /** kube-controller-manager approves whoever holds a bootstrap token, for any name. */
  OPEN("Open"),
  /** The approver decides, by a grant for each token: docs/adr/0050-strict-join.md. */
  STRICT("Strict");

  private final String key;

  JoinMode(String key) {
    this.key = key;
  }

  /** As the spec has it. */
  public String key() {
    return key;
  }
}
