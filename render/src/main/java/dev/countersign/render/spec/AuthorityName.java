package dev.countersign.render.spec;

/** The three certificate authorities of a cluster. */
public enum AuthorityName {
  /** For the API server, its clients and kubelets. */
  KUBERNETES("kubernetes"),
  /** For etcd and its clients. */
  ETCD("etcd"),
  /** For requests that the API server passes on to extension API servers. */
  AGGREGATION("aggregation");

  private final String key;

  AuthorityName(String key) {
    this.key = key;
  }

  /** The field's name under {@code pki.authorities}. */
  public String key() {
    return key;
  }
}
