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
    List<IpAddress> addresses = new ArrayList<>(4);
    ObjectMeta meta =
        ObjectMeta.of(
            parser,
            section -> {
              if (section.equals("endpoints")) {
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
              }
            });
    return new EndpointSliceObject(meta.name(), meta.resourceVersion(), List.copyOf(addresses));
  }
}
