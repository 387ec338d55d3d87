package dev.countersign.approver.cluster;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.json.JsonReading;
import java.io.IOException;

/** Collects the metadata that every object has. */
final class ObjectName {
  String namespace = "";
  String name = "";
  String version = "";

  void read(JsonParser parser) throws IOException {
    JsonReading.object(
        parser,
        field -> {
          switch (field) {
            case "namespace" -> namespace = JsonReading.string(parser);
            case "name" -> name = JsonReading.string(parser);
            case "resourceVersion" -> version = JsonReading.string(parser);
            default -> {}
          }
        });
  }
}
