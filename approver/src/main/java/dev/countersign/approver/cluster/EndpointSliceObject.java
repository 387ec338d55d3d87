package dev.countersign.approver.cluster;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.common.name.IpAddress;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.watch.Versioned;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** An EndpointSlice (discovery.k8s.io/v1) of the {@code kubernetes} Service: the API servers. */
record EndpointSliceObject(String name, String resourceVersion, List<IpAddress> addresses)
    implements Versioned {
  static EndpointSliceObject decode(JsonParser parser) throws IOException {
    var meta = new ObjectMeta();
    List<IpAddress> addresses = new ArrayList<>(4);
    JsonReading.object(
        parser,
        section -> {
          switch (section) {
            case "metadata" -> meta.read(parser);
            case "endpoints" ->
                JsonReading.array(
                    parser,
                    () ->
                        JsonReading.object(
                            parser,
                            field -> {
                              if (field.equals("addresses")) {
                                for (String text : JsonReading.strings(parser)) {
                                  IpAddress.parse(text).ifPresent(addresses::add);
                                }
                              }
                            }));
            default -> {}
          }
        });
    return new EndpointSliceObject(meta.name(), meta.resourceVersion(), List.copyOf(addresses));
  }
}
