package dev.countersign.scenarios.deployment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Objects of a YAML stream, by identity, so that two streams can be compared by meaning. */
final class ManifestObjects {
  private ManifestObjects() {}

  /**
   * Identity ({@code Kind namespace/name}) to content. The policy file inside its ConfigMap is
   * parsed, too, and Helm's own annotation is left out.
   */
  static SequencedMap<String, Map<?, ?>> parse(String stream) {
    SequencedMap<String, Map<?, ?>> objects = new LinkedHashMap<>();
    for (Object each : yaml().loadAll(stream)) {
      if (each instanceof Map<?, ?> map) {
        Map<Object, Object> object = new LinkedHashMap<>(map);
        Map<Object, Object> metadata = new LinkedHashMap<>(mapAt(object, "metadata"));
        if (mapAt(metadata, "annotations").keySet().equals(Set.of("helm.sh/resource-policy"))) {
          metadata.remove("annotations");
        }
        object.put("metadata", metadata);
        if ("ConfigMap".equals(object.get("kind"))) {
          Map<Object, Object> data = new LinkedHashMap<>();
          mapAt(object, "data")
              .forEach((key, text) -> data.put(key, yaml().load(String.valueOf(text))));
          object.put("data", data);
        }
        String identity =
            object.get("kind")
                + " "
                + (metadata.containsKey("namespace") ? metadata.get("namespace") + "/" : "")
                + metadata.get("name");
        if (objects.put(identity, object) != null) {
          throw new IllegalArgumentException(identity + ": got it twice; want it once");
        }
      }
    }
    return objects;
  }

  /** The mapping at a path; empty where there is none. */
  static Map<?, ?> mapAt(Map<?, ?> object, String... path) {
    Map<?, ?> at = object;
    for (String key : path) {
      if (!(at.get(key) instanceof Map<?, ?> next)) {
        return Map.of();
      }
      at = next;
    }
    return at;
  }

  /** The list under a key; empty where there is none. */
  static List<?> listAt(Map<?, ?> object, String key) {
    return object.get(key) instanceof List<?> list ? list : List.of();
  }

  /** The texts of the list under a key. */
  static List<String> textsAt(Map<?, ?> object, String key) {
    return listAt(object, key).stream().map(String::valueOf).toList();
  }

  static Yaml yaml() {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    return new Yaml(new SafeConstructor(options));
  }
}
