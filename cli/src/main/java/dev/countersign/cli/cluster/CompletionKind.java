package dev.countersign.cli.cluster;

import java.util.regex.Pattern;

/** Names that a shell can complete only by asking the cluster, or its kubeconfig. */
public enum CompletionKind {
  /** A Node. */
  NODE("/api/v1/nodes", "", "[a-z0-9][-a-z0-9.]*"),
  /** The id of a bootstrap token. */
  TOKEN(
      "/api/v1/namespaces/kube-system/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken",
      "bootstrap-token-", "[a-z0-9]{6}"),
  /** A CertificateSigningRequest. */
  REQUEST(
      "/apis/certificates.k8s.io/v1/certificatesigningrequests", "", "[A-Za-z0-9][-A-Za-z0-9._]*"),
  /** A namespace. */
  NAMESPACE("/api/v1/namespaces", "", "[a-z0-9][-a-z0-9]*"),
  /** A context of the kubeconfig. */
  CONTEXT("", "", "[A-Za-z0-9][-A-Za-z0-9._@:/]*");

  private final String path;
  private final String prefix;
  private final Pattern form;

  CompletionKind(String path, String prefix, String form) {
    this.path = path;
    this.prefix = prefix;
    this.form = Pattern.compile(form);
  }

  /** Where the API server lists them; empty where it does not. */
  String path() {
    return path;
  }

  /** What comes before the name in the object's name. */
  String prefix() {
    return prefix;
  }

  /**
   * Whether it may be offered. A shell puts what is offered on the command line as it is, and
   * whoever holds a bootstrap token may call a request {@code $(...)}.
   */
  public boolean isPlain(String name) {
    return name.length() <= 253 && form.matcher(name).matches();
  }
}
