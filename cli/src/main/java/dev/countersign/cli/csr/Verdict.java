package dev.countersign.cli.csr;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.cli.CommandFailure;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.decision.SafeText;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;

/** Writes a person's decision, with who decided and why. */
final class Verdict {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String USERNAME = "/status/userInfo/username";

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

  /** Who the API server takes us for; where it does not tell, the user of the kubeconfig. */
  private static String who(ClusterAccess cluster) {
    try {
      String answer =
          cluster
              .client()
              .raw(
                  "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                  "POST",
                  Map.of("apiVersion", "authentication.k8s.io/v1", "kind", "SelfSubjectReview"));
      String name = JSON.readTree(answer).at(USERNAME).asText("");
      if (!name.isEmpty()) {
        return name;
      }
    } catch (KubernetesClientException | JsonProcessingException e) {
      // an API server before 1.28, or one that does not let us ask
    }
    var context = cluster.client().getConfiguration().getCurrentContext();
    return context == null ? "a service account" : context.getContext().getUser();
  }
}
