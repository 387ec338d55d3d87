package dev.countersign.policy.fact;

/** The facts there are, and whether looking one up costs a call. */
public enum FactKind {
  /** The requesting Node. */
  NODE("node", Cost.CACHED),
  /** Names and addresses that are the cluster's own. */
  PROTECTED("protected", Cost.CACHED),
  /** Which Node owns the names and addresses asked for. */
  HOLDINGS("holdings", Cost.CACHED),
  /** How many newer undecided requests the Node has. */
  PENDING("pending", Cost.CACHED),
  /** What the inventory says about the Node. */
  INVENTORY("inventory", Cost.CALL),
  /** The API server's answer whether the requestor may do what the policy file names. */
  ACCESS("access", Cost.CALL),
  /** What the DNS names resolve to. */
  RESOLUTION("resolution", Cost.CALL),
  /** The certificate that the kubelet serves now. */
  SERVED("served", Cost.CALL),
  /** The grant of the bootstrap token that asks for a client certificate. */
  GRANT("grant", Cost.CALL),
  /** Which join reserved the name that a client certificate is asked for. */
  CLAIM("claim", Cost.CALL),
  /** Whether the Node that joins is there already. */
  PRESENCE("presence", Cost.CALL),
  /** Whether the join inventory knows the Node that joins. */
  LISTED("listed", Cost.CALL),
  /** What an issuer says about the machine that joins. */
  ATTESTATION("attestation", Cost.CALL),
  /** The Machines that a ServiceAccount joins. */
  MACHINES("machines", Cost.CALL);

  private final String path;
  private final Cost cost;

  FactKind(String path, Cost cost) {
    this.path = path;
    this.cost = cost;
  }

  /** Its name in violations' paths and in files of facts. */
  public String path() {
    return path;
  }

  /** What it costs to look up. */
  public Cost cost() {
    return cost;
  }

  /** What a lookup costs. */
  public enum Cost {
    /** Read from a cache that is kept anyway. */
    CACHED,
    /** A call over the network for this one request. */
    CALL
  }
}
