package dev.countersign.approver.ledger;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.watch.Versioned;
import java.io.IOException;

/**
 * A ConfigMap that holds one shard of the record.
 *
 * @param text its content, empty where it has none
 */
record ShardObject(String name, String resourceVersion, String text) implements Versioned {
  static final String DATA_KEY = "entries";

  static ShardObject decode(JsonParser parser) throws IOException {
    var fields =
        new Object() {
          String name = "";
          String version = "";
          String text = "";
        };
    JsonReading.object(
        parser,
        section -> {
          switch (section) {
            case "metadata" ->
                JsonReading.object(
                    parser,
                    field -> {
                      switch (field) {
                        case "name" -> fields.name = JsonReading.string(parser);
                        case "resourceVersion" -> fields.version = JsonReading.string(parser);
                        default -> {}
                      }
                    });
            case "data" ->
                JsonReading.object(
                    parser,
                    field -> {
                      if (field.equals(DATA_KEY)) {
                        fields.text = JsonReading.string(parser);
                      }
                    });
            default -> {}
          }
        });
    return new ShardObject(fields.name, fields.version, fields.text);
  }
}
