package dev.countersign.scenarios.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the API server wrote down about one user's requests. */
final class AuditLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private AuditLog() {}

  /**
   * A request as the authorizer saw it.
   *
   * @param resource with its subresource after a slash
   * @param allowed by the authorizer
   * @param why the authorizer's reason, which names the binding
   */
  record Request(
      String verb,
      String group,
      String resource,
      String namespace,
      String name,
      boolean allowed,
      String why) {
    /** Whether it did this to that. */
    boolean is(String wantedVerb, String wantedResource, String wantedNamespace) {
      return verb.equals(wantedVerb)
          && resource.equals(wantedResource)
          && namespace.equals(wantedNamespace);
    }
  }

  /**
   * The requests of a user, in order; the last line may still be in the middle of being written.
   */
  static List<Request> requests(Path file, String user) throws IOException {
    List<Request> requests = new ArrayList<>();
    String text = Files.readString(file);
    int end = text.lastIndexOf('\n');
    for (String line : text.substring(0, Math.max(0, end)).lines().toList()) {
      JsonNode event = JSON.readTree(line);
      if (!event.at("/user/username").asText().equals(user)) {
        continue;
      }
      JsonNode object = event.path("objectRef");
      String subresource = object.path("subresource").asText();
      requests.add(
          new Request(
              event.path("verb").asText(),
              object.path("apiGroup").asText(),
              object.path("resource").asText(event.path("requestURI").asText())
                  + (subresource.isEmpty() ? "" : "/" + subresource),
              object.path("namespace").asText(),
              object.path("name").asText(),
              event
                  .path("annotations")
                  .path("authorization.k8s.io/decision")
                  .asText()
                  .equals("allow"),
              event.path("annotations").path("authorization.k8s.io/reason").asText()));
    }
    return requests;
  }
}
