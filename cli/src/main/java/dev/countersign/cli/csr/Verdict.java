package dev.countersign.cli.csr;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.common.command.CliException;
import dev.countersign.common.text.SafeText;
import io.fabric8.kubernetes.client.KubernetesClientException;

/** Writes a person's decision, with who decided and why. */
final class Verdict {
  private static final String USERNAME = "/status/userInfo/username";

  private Verdict() {}

  /**
   * Writes the condition onto the very object that was shown: where another of the same name has
   * taken its place meanwhile, or something about it has changed, the API server answers with a
   * conflict.
   */
  static void write(
      ClusterAccess cluster, LiveObjects.Judged judged, String type, String reason, String why)
      throws CliException {
    ObjectNode decided = judged.json().deepCopy();
    decided
        .withObject("/status")
        .withArray("conditions")
        .addObject()
        .put("type", type)
        .put("status", "True")
        .put("reason", reason)
        .put("message", SafeText.plain("by hand, as " + who(cluster) + ": " + why));
    String name = decided.path("metadata").path("name").asText();
    cluster.send("PUT", LiveObjects.path(name) + "/approval", decided);
  }

  /** Who the API server takes us for; where it does not tell, the user of the kubeconfig. */
  private static String who(ClusterAccess cluster) {
    try {
      String name =
          cluster
              .send(
                  "POST",
                  "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                  JsonNodeFactory.instance
                      .objectNode()
                      .put("apiVersion", "authentication.k8s.io/v1")
                      .put("kind", "SelfSubjectReview"))
              .at(USERNAME)
              .asText("");
      if (!name.isEmpty()) {
        return name;
      }
    } catch (KubernetesClientException e) {
      // an API server before 1.28, or one that does not let us ask
    }
    return cluster.userName();
  }
}
