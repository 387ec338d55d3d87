package dev.countersign.cluster.token;

/** What a bootstrap token is good for: the {@code usage-bootstrap-…} keys of its Secret. */
public enum TokenUsage {
  /** Authenticates to the API server. */
  AUTHENTICATION("usage-bootstrap-authentication", "authentication"),
  /** Signs the cluster-info ConfigMap for kubeadm's discovery. */
  SIGNING("usage-bootstrap-signing", "signing");

  private final String key;
  private final String label;

  TokenUsage(String key, String label) {
    this.key = key;
    this.label = label;
  }

  /** The key in the Secret's data; the value must be exactly {@code true}. */
  public String key() {
    return key;
  }

  /** The name as kubeadm spells it. */
  public String label() {
    return label;
  }

  /**
   * Reads a name.
   *
   * @throws IllegalArgumentException where it is neither {@code authentication} nor {@code signing}
   */
  public static TokenUsage parse(String text) {
    for (TokenUsage usage : values()) {
      if (usage.label.equals(text)) {
        return usage;
      }
    }
    throw new IllegalArgumentException(
        "usages: got \"" + text + "\"; want authentication or signing");
  }
}
