package dev.countersign.approver.cluster;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.common.name.IpRange;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.watch.Versioned;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A ServiceCIDR (networking.k8s.io/v1): ranges from which Services get their cluster IPs. */
record ServiceCidrObject(String name, String resourceVersion, List<IpRange> ranges)
    implements Versioned {
  static ServiceCidrObject decode(JsonParser parser) throws IOException {
    List<IpRange> ranges = new ArrayList<>(2);
    ObjectMeta meta =
        ObjectMeta.of(
            parser,
            section -> {
              if (section.equals("spec")) {
                JsonReading.object(
                    parser,
                    field -> {
                      if (field.equals("cidrs")) {
                        for (String text : JsonReading.strings(parser)) {
                          IpRange.parse(text).ifPresent(ranges::add);
                        }
                      }
                    });
              }
            });
    return new ServiceCidrObject(meta.name(), meta.resourceVersion(), List.copyOf(ranges));
  }
}
