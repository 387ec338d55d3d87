package dev.countersign.render.pki;

import dev.countersign.render.AssetPath;
import dev.countersign.render.spec.AuthorityName;
import dev.countersign.render.spec.CertificateName;
import java.util.List;

/** Where keys and certificates lie in the rendered tree. */
public final class PkiPaths {
  /** The key that service account tokens are signed with. */
  public static final AssetPath SERVICE_ACCOUNT_KEY = AssetPath.of("tls/k8s/service-account.key");

  /** The key that service account tokens are checked with. */
  public static final AssetPath SERVICE_ACCOUNT_PUB = AssetPath.of("tls/k8s/service-account.pub");

  private PkiPaths() {}

  /** An authority's certificate; etcd has one file for each use of it, all the same. */
  public static List<AssetPath> certificates(AuthorityName name) {
    return switch (name) {
      case KUBERNETES -> List.of(AssetPath.of("tls/k8s/ca.crt"));
      case AGGREGATION -> List.of(AssetPath.of("tls/k8s/aggregation-ca.crt"));
      case ETCD ->
          List.of(
              AssetPath.of("tls/etcd/server-ca.crt"),
              AssetPath.of("tls/etcd/peer-ca.crt"),
              AssetPath.of("tls/etcd/etcd-client-ca.crt"));
    };
  }

  /**
   * An authority's key. Only that of Kubernetes goes to controllers, as kube-controller-manager
   * signs with it; the others stay with the operator, for renewals.
   */
  public static AssetPath key(AuthorityName name) {
    return switch (name) {
      case KUBERNETES -> AssetPath.of("tls/k8s/ca.key");
      case AGGREGATION -> AssetPath.of("tls/offline/aggregation-ca.key");
      case ETCD -> AssetPath.of("tls/offline/etcd-ca.key");
    };
  }

  /** Whether a certificate lies in a kubeconfig rather than in files of its own. */
  public static boolean isInKubeconfig(CertificateName name) {
    return switch (name) {
      case ADMIN, CONTROLLER_MANAGER, SCHEDULER -> true;
      case APISERVER,
          APISERVER_KUBELET_CLIENT,
          AGGREGATION_CLIENT,
          ETCD_CLIENT,
          ETCD_SERVER,
          ETCD_PEER ->
          false;
    };
  }

  /** The certificate's own file, or the kubeconfig it lies in. */
  public static AssetPath certificate(CertificateName name) {
    return AssetPath.of(stem(name) + (isInKubeconfig(name) ? ".conf" : ".crt"));
  }

  /** The key's own file, or the kubeconfig it lies in. */
  public static AssetPath key(CertificateName name) {
    return AssetPath.of(stem(name) + (isInKubeconfig(name) ? ".conf" : ".key"));
  }

  private static String stem(CertificateName name) {
    return switch (name) {
      case ADMIN -> "auth/admin";
      case CONTROLLER_MANAGER -> "auth/controller-manager";
      case SCHEDULER -> "auth/scheduler";
      case APISERVER -> "tls/k8s/apiserver";
      case APISERVER_KUBELET_CLIENT -> "tls/k8s/apiserver-kubelet-client";
      case AGGREGATION_CLIENT -> "tls/k8s/aggregation-client";
      case ETCD_CLIENT -> "tls/etcd/etcd-client";
      case ETCD_SERVER -> "tls/etcd/server";
      case ETCD_PEER -> "tls/etcd/peer";
    };
  }
}
