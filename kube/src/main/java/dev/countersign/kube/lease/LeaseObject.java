package dev.countersign.kube.lease;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.json.JsonReading;
import java.io.IOException;

/**
 * What a Lease (coordination.k8s.io/v1) says.
 *
 * @param resourceVersion of the object
 * @param holder {@code spec.holderIdentity}, empty where nobody holds it
 * @param durationSeconds {@code spec.leaseDurationSeconds}
 * @param renewTime {@code spec.renewTime} as written; compared for equality only
 * @param acquireTime {@code spec.acquireTime} as written
 * @param transitions {@code spec.leaseTransitions}
 */
record LeaseObject(
    String resourceVersion,
    String holder,
    long durationSeconds,
    String renewTime,
    String acquireTime,
    long transitions) {
  static LeaseObject decode(JsonParser parser) throws IOException {
    var fields =
        new Object() {
          String holder = "";
          long duration;
          String renew = "";
          String acquire = "";
          long transitions;
        };
    ObjectMeta meta =
        ObjectMeta.of(
            parser,
            section -> {
              if (section.equals("spec")) {
                JsonReading.object(
                    parser,
                    field -> {
                      switch (field) {
                        case "holderIdentity" -> fields.holder = JsonReading.string(parser);
                        case "renewTime" -> fields.renew = JsonReading.string(parser);
                        case "acquireTime" -> fields.acquire = JsonReading.string(parser);
                        case "leaseDurationSeconds" -> fields.duration = number(parser);
                        case "leaseTransitions" -> fields.transitions = number(parser);
                        default -> {}
                      }
                    });
              }
            });
    return new LeaseObject(
        meta.resourceVersion(),
        fields.holder,
        fields.duration,
        fields.renew,
        fields.acquire,
        fields.transitions);
  }

  private static long number(JsonParser parser) throws IOException {
    return parser.currentToken() == JsonToken.VALUE_NULL ? 0 : JsonReading.number(parser);
  }
}
