package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.JsonWriting;
import java.io.IOException;
import java.util.Map;

/**
 * A ConfigMap with what a replacement of it must keep.
 *
 * @param resourceVersion empty for one that is to be created
 */
public record ConfigMapObject(
    String name,
    String resourceVersion,
    Map<String, String> labels,
    Map<String, String> annotations,
    Map<String, String> data) {

  /** The path of the ConfigMaps of a namespace. */
  public static String collection(String namespace) {
    return ApiQuery.path("api", "v1", "namespaces", namespace, "configmaps");
  }

  /** The path of one. */
  public static String path(String namespace, String name) {
    return collection(namespace) + ApiQuery.path(name);
  }

  /** Reads one. */
  public static ConfigMapObject decode(JsonParser parser) throws IOException {
    var meta = new ObjectMeta();
    var read =
        new Object() {
          Map<String, String> labels = Map.of();
          Map<String, String> annotations = Map.of();
          Map<String, String> data = Map.of();
        };
    JsonReading.object(
        parser,
        part -> {
          switch (part) {
            case "metadata" ->
                JsonReading.object(
                    parser,
                    field -> {
                      switch (field) {
                        case "labels" -> read.labels = JsonReading.stringMap(parser);
                        case "annotations" -> read.annotations = JsonReading.stringMap(parser);
                        default -> meta.take(field, parser);
                      }
                    });
            case "data" -> read.data = JsonReading.stringMap(parser);
            default -> {}
          }
        });
    return new ConfigMapObject(
        meta.name(), meta.resourceVersion(), read.labels, read.annotations, read.data);
  }

  /** The same with other data. */
  public ConfigMapObject withData(Map<String, String> other) {
    return new ConfigMapObject(name, resourceVersion, labels, annotations, other);
  }

  /** The body that creates or replaces it. */
  public byte[] body(String namespace) {
    return JsonWriting.object(
        out -> {
          out.writeStringField("apiVersion", "v1");
          out.writeStringField("kind", "ConfigMap");
          out.writeObjectFieldStart("metadata");
          out.writeStringField("name", name);
          out.writeStringField("namespace", namespace);
          if (!resourceVersion.isEmpty()) {
            out.writeStringField("resourceVersion", resourceVersion);
          }
          write(out, "labels", labels);
          write(out, "annotations", annotations);
          out.writeEndObject();
          write(out, "data", data);
        });
  }

  private static void write(JsonGenerator out, String field, Map<String, String> map)
      throws IOException {
    if (map.isEmpty()) {
      return;
    }
    out.writeObjectFieldStart(field);
    for (Map.Entry<String, String> entry : map.entrySet()) {
      out.writeStringField(entry.getKey(), entry.getValue());
    }
    out.writeEndObject();
  }
}
