package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.decision.SafeText;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;

/** Writes a person's decision, with who decided and why. */
final class Verdict {
  private Verdict() {}

  /**
   * Writes the condition onto the very object that was shown: where another of the same name has
   * taken its place meanwhile, or something about it has changed, the API server answers with a
   * conflict.
   */
  static void write(
      ClusterAccess cluster, LiveObjects.Judged judged, String type, String reason, String why)
      throws CommandFailure {
    CertificateSigningRequest seen =
        Serialization.unmarshal(judged.json(), CertificateSigningRequest.class);
    CertificateSigningRequest decided =
        new CertificateSigningRequestBuilder(seen)
            .editOrNewStatus()
            .addNewCondition()
            .withType(type)
            .withStatus("True")
            .withReason(reason)
            .withMessage(SafeText.plain("by hand, as " + who(cluster) + ": " + why))
            .endCondition()
            .endStatus()
            .build();
    cluster
        .client()
        .raw(LiveObjects.path(seen.getMetadata().getName()) + "/approval", "PUT", decided);
  }

  /** The user of the kubeconfig; the API server's audit log has the one it authenticated. */
  private static String who(ClusterAccess cluster) {
    var context = cluster.client().getConfiguration().getCurrentContext();
    return context == null ? "a service account" : context.getContext().getUser();
  }
}
