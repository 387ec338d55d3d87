package dev.countersign.policy.join;

/**
 * Why a kubelet's client certificate was not approved. Stable: metric label, condition text, anchor
 * in the documentation.
 */
public enum JoinReason {
  /** The request is no PKCS#10, or its signature is not by the key in it. */
  REQUEST_UNREADABLE(Evidence.REQUEST),
  /** The subject is not exactly {@code O=system:nodes, CN=system:node:<name>}. */
  SUBJECT(Evidence.REQUEST),
  /** The name after {@code system:node:} is not the name of a Node. */
  NODE_NAME(Evidence.REQUEST),
  /** The request asks for subject alternative names; a client certificate of a node has none. */
  ALTERNATIVE_NAMES(Evidence.REQUEST),
  /** The usages are not exactly those of a kubelet's client certificate. */
  USAGES(Evidence.REQUEST),
  /** An extension that a kubelet does not ask for. */
  EXTENSIONS(Evidence.REQUEST),
  /** A node asks for another node's name. */
  RENEWAL_OF_ANOTHER_NAME(Evidence.REQUEST),
  /** The requester is neither a bootstrap token nor a node. */
  REQUESTER(Evidence.CLUSTER),

  /** The token's grant names other nodes. */
  TOKEN_NOT_FOR_NODE(Evidence.RECORD),
  /** Every use the token was granted is taken. */
  TOKEN_USED_UP(Evidence.RECORD),
  /** The request was made after the end of the token's window. */
  TOKEN_WINDOW_OVER(Evidence.RECORD),
  /** The name belongs to a Node that may still hold a valid certificate. */
  NODE_TAKEN(Evidence.RECORD),
  /** An operator revoked the name: its certificate is not renewed until it joins again. */
  NAME_REVOKED(Evidence.RECORD),

  /** There is no grant for the token. */
  TOKEN_WITHOUT_GRANT(Evidence.CLUSTER),
  /** The request was made before the token's window. */
  TOKEN_WINDOW_NOT_OPEN(Evidence.CLUSTER),
  /** Another join took the name a short while ago and its Node has not appeared yet. */
  NAME_CLAIMED(Evidence.CLUSTER),
  /** The grant asks for a machine that the inventory knows, and it does not know this one. */
  NOT_IN_INVENTORY(Evidence.CLUSTER),
  /** The grant asks for an attestation, and there is none or it does not hold. */
  ATTESTATION(Evidence.CLUSTER),
  /** A fact could not be read. */
  FACT_UNKNOWN(Evidence.CLUSTER);

  /** What a reason rests on, and so whether a denial, which is final, may rest on it. */
  public enum Evidence {
    /** The request itself, which never changes: deny. */
    REQUEST,
    /**
     * A record or Node read for this decision from the API server, not from a cache. Waiting would
     * leave a hostile request pending until the record changes in its favour: deny.
     */
    RECORD,
    /** Something that may be put right: hold, and look again. */
    CLUSTER
  }

  private final Evidence evidence;

  JoinReason(Evidence evidence) {
    this.evidence = evidence;
  }

  /** What it rests on. */
  public Evidence evidence() {
    return evidence;
  }
}
