package dev.countersign.cluster.doctor;

/** What the doctor can find. Stable: scripts and the documentation refer to these names. */
public enum Cause {
  /** This machine's clock and the API server's differ. */
  CLOCK_OF_THIS_MACHINE,
  /** A node's clock is ahead of the API server's. */
  CLOCK_OF_NODE,
  /** Requests are approved but nobody signs them. */
  SIGNER_SILENT,
  /** The signer gave up on a request. */
  SIGNER_FAILED,
  /** Requests for serving certificates wait and nobody decides. */
  SERVING_REQUEST_WAITS,
  /** Requests for client certificates wait and nobody decides. */
  CLIENT_REQUEST_WAITS,
  /** A request was denied. */
  REQUEST_DENIED,
  /** Nodes may not create requests. */
  NODES_MAY_NOT_REQUEST,
  /** Bootstrap tokens may not create requests. */
  BOOTSTRAPPERS_MAY_NOT_REQUEST,
  /** Neither kube-controller-manager nor strict join approves renewals. */
  RENEWALS_NOT_APPROVED,
  /** Strict join is in use, but every token is approved for every node all the same. */
  BLANKET_APPROVAL,
  /** The approver is deployed, but none of its pods is ready. */
  APPROVER_NOT_RUNNING,
  /** The approver's account may not approve. */
  APPROVER_NOT_PERMITTED,
  /** The approver can't know from which range Services get their addresses. */
  SERVICE_RANGE_UNKNOWN,
  /** A token is over and still there, or all of them are over. */
  TOKEN_EXPIRED,
  /** A token's Secret is one that the API server refuses. */
  TOKEN_UNUSABLE,
  /** Strict join is in use and a token has no grant. */
  TOKEN_WITHOUT_GRANT,
  /** The API server does not accept bootstrap tokens. */
  TOKENS_SWITCHED_OFF,
  /** The API server does not verify kubelets' certificates. */
  KUBELETS_NOT_VERIFIED,
  /** A kubelet does not ask for a serving certificate. */
  SERVING_BOOTSTRAP_OFF,
  /** A kubelet does not renew its client certificate. */
  ROTATION_OFF,
  /** The API server cannot reach a kubelet. */
  KUBELET_UNREACHABLE,
  /** The API server reaches a kubelet but does not trust its certificate. */
  KUBELET_NOT_TRUSTED,
  /** A kubelet refuses the API server's client certificate. */
  API_SERVER_REFUSED,
  /** A kubelet serves a certificate it should not. */
  SERVING_CERTIFICATE,
  /** A node has not reported for a while. */
  NODE_SILENT,
  /** A node has no address, so that none can be certified. */
  NODE_WITHOUT_ADDRESS,
  /** Two nodes claim one address. */
  ADDRESS_CLAIMED_TWICE
}
