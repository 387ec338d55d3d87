package dev.countersign.render.approver;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.common.text.YamlText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A kustomize Component that makes {@code deploy/kustomize/base}, or an overlay of it, another
 * deployment: a policy with all that it needs, strict join, other pods. Replicas and image stay the
 * overlay's.
 */
public final class ApproverComponent {
  private static final YAMLMapper WRITER =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .build();

  private ApproverComponent() {}

  /**
   * File name to content, the {@code kustomization.yaml} among them.
   *
   * @param deployment in the default namespace, with one replica and the image of this version,
   *     which are the base's
   */
  public static SequencedMap<String, String> files(ApproverDeployment deployment) {
    SequencedMap<String, String> base = ApproverManifests.files(ApproverDeployment.defaults());
    SequencedMap<String, String> wanted = ApproverManifests.files(deployment);
    SequencedMap<String, String> files = new LinkedHashMap<>();
    List<String> patches = new ArrayList<>();
    files.put("kustomization.yaml", "");
    for (Map.Entry<String, String> file : base.entrySet()) {
      String other = wanted.remove(file.getKey());
      if (other == null) {
        patches.addAll(deletion(object(file.getValue())));
      } else if (!other.equals(file.getValue())) {
        patch(file.getKey(), file.getValue(), other, patches, files);
      }
    }
    files.put("kustomization.yaml", kustomization(List.copyOf(wanted.keySet()), patches));
    files.putAll(wanted);
    return files;
  }

  private static void patch(
      String name, String base, String wanted, List<String> patches, Map<String, String> files) {
    JsonNode object = object(base);
    if (object.path("kind").asText().equals("ConfigMap")) {
      files.put(name, wanted);
      patches.add("- path: " + name);
      return;
    }
    ArrayNode operations = JsonPatch.between(object, object(wanted));
    if (operations.isEmpty()) {
      return;
    }
    String file = name.replace(".yaml", "-patch.yaml");
    files.put(file, text(operations));
    patches.add("- path: " + file);
    patches.add(
        "  target: {kind: %s, name: %s}"
            .formatted(
                object.path("kind").asText(), object.path("metadata").path("name").asText()));
  }

  private static List<String> deletion(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return List.of(
        "- patch: |-",
        "    $patch: delete",
        "    apiVersion: " + object.path("apiVersion").asText(),
        "    kind: " + object.path("kind").asText(),
        "    metadata:",
        "      name: " + metadata.path("name").asText(),
        "      namespace: " + metadata.path("namespace").asText());
  }

  private static String kustomization(List<String> resources, List<String> patches) {
    List<String> lines = new ArrayList<>();
    lines.add("# For deploy/kustomize/base or an overlay of it, as one of its components.");
    lines.add("apiVersion: kustomize.config.k8s.io/v1alpha1");
    lines.add("kind: Component");
    if (!resources.isEmpty()) {
      lines.add("resources:");
      lines.addAll(YamlText.list(resources));
    }
    if (!patches.isEmpty()) {
      lines.add("patches:");
      lines.addAll(patches);
    }
    return String.join("\n", lines) + "\n";
  }

  private static JsonNode object(String yaml) {
    return switch (Documents.all(yaml)) {
      case ParseResult.Parsed<List<JsonNode>>(List<JsonNode> objects) -> objects.getFirst();
      case ParseResult.Refused<List<JsonNode>> refused ->
          throw new IllegalStateException(refused.message());
    };
  }

  private static String text(ArrayNode operations) {
    try {
      return WRITER.writeValueAsString(operations);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
