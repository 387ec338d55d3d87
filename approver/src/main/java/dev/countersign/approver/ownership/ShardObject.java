package dev.countersign.approver.ownership;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardKey;
import java.io.IOException;

/**
 * A ConfigMap that holds one shard of the record, or the key that says what is in which.
 *
 * @param text its content, empty where it has none
 * @param key the key's text, empty where it has none
 */
record ShardObject(String name, String resourceVersion, String text, String key)
    implements Versioned {
  static ShardObject decode(JsonParser parser) throws IOException {
    var data =
        new Object() {
          String text = "";
          String key = "";
        };
    ObjectMeta meta =
        ObjectMeta.of(
            parser,
            section -> {
              if (section.equals("data")) {
                JsonReading.object(
                    parser,
                    field -> {
                      if (field.equals(Shard.DATA_KEY)) {
                        data.text = JsonReading.string(parser);
                      } else if (field.equals(ShardKey.DATA_KEY)) {
                        data.key = JsonReading.string(parser);
                      }
                    });
              }
            });
    return new ShardObject(meta.name(), meta.resourceVersion(), data.text, data.key);
  }
}
