package dev.countersign.approver.cluster;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.name.IpRange;
import dev.countersign.policy.name.NodeName;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A Node, read field by field so that what a decision does not need is never held.
 *
 * @param fact what the policy sees; empty where the Node's name cannot be one of a kubelet
 * @param kubeletPort {@code status.daemonEndpoints.kubeletEndpoint.Port}; 10250 where it has none
 */
record NodeObject(String name, String resourceVersion, Optional<NodeFact> fact, int kubeletPort)
    implements Versioned {
  private static final int DEFAULT_PORT = 10_250;

  static NodeObject decode(JsonParser parser, Shared shared) throws IOException {
    Fields fields = new Fields(shared);
    JsonReading.object(
        parser,
        name -> {
          switch (name) {
            case "metadata" -> fields.metadata(parser);
            case "spec" -> fields.spec(parser);
            case "status" -> fields.status(parser);
            default -> {}
          }
        });
    return fields.build();
  }

  private static final class Fields {
    private final Shared shared;
    private String name = "";
    private String uid = "";
    private String version = "";
    private Instant created = Instant.EPOCH;
    private Map<String, String> labels = Map.of();
    private final Set<IpRange> ranges = new LinkedHashSet<>();
    private final List<NodeAddress> addresses = new ArrayList<>(4);
    private final Map<String, String> conditions = new HashMap<>();
    private int kubeletPort = DEFAULT_PORT;

    Fields(Shared shared) {
      this.shared = shared;
    }

    void metadata(JsonParser parser) throws IOException {
      JsonReading.object(
          parser,
          field -> {
            switch (field) {
              case "name" -> name = JsonReading.string(parser);
              case "uid" -> uid = JsonReading.string(parser);
              case "resourceVersion" -> version = JsonReading.string(parser);
              case "creationTimestamp" -> created = JsonReading.time(parser);
              case "labels" -> labels = JsonReading.stringMap(parser);
              default -> {}
            }
          });
    }

    void spec(JsonParser parser) throws IOException {
      JsonReading.object(
          parser,
          field -> {
            switch (field) {
              case "podCIDR" -> range(JsonReading.string(parser));
              case "podCIDRs" -> JsonReading.strings(parser).forEach(this::range);
              default -> {}
            }
          });
    }

    private void range(String text) {
      IpRange.parse(text).ifPresent(ranges::add);
    }

    void status(JsonParser parser) throws IOException {
      JsonReading.object(
          parser,
          field -> {
            switch (field) {
              case "addresses" -> JsonReading.array(parser, () -> address(parser));
              case "conditions" -> JsonReading.array(parser, () -> condition(parser));
              case "daemonEndpoints" -> endpoints(parser);
              default -> {}
            }
          });
    }

    private void endpoints(JsonParser parser) throws IOException {
      JsonReading.object(
          parser,
          daemon -> {
            if (daemon.equals("kubeletEndpoint")) {
              JsonReading.object(
                  parser,
                  field -> {
                    if (field.equals("Port")) {
                      long port = JsonReading.number(parser);
                      kubeletPort = port > 0 && port < 65_536 ? (int) port : DEFAULT_PORT;
                    }
                  });
            }
          });
    }

    private void address(JsonParser parser) throws IOException {
      Map<String, String> text = new HashMap<>(4);
      JsonReading.object(
          parser,
          field -> {
            if (field.equals("type") || field.equals("address")) {
              text.put(field, JsonReading.string(parser));
            }
          });
      NodeAddress.Type.parse(text.getOrDefault("type", ""))
          .ifPresent(
              type -> addresses.add(new NodeAddress(type, text.getOrDefault("address", ""))));
    }

    private void condition(JsonParser parser) throws IOException {
      Map<String, String> text = new HashMap<>(4);
      JsonReading.object(
          parser,
          field -> {
            if (field.equals("type") || field.equals("status")) {
              text.put(field, JsonReading.string(parser));
            }
          });
      conditions.put(
          shared.text(text.getOrDefault("type", "")), shared.text(text.getOrDefault("status", "")));
    }

    NodeObject build() {
      Map<String, String> kept = HashMap.newHashMap(labels.size());
      labels.forEach((key, value) -> kept.put(shared.text(key), shared.text(value)));
      return new NodeObject(
          name,
          version,
          NodeName.parse(name)
              .map(
                  parsed ->
                      new NodeFact(
                          parsed, uid, created, addresses, List.copyOf(ranges), conditions, kept)),
          kubeletPort);
    }
  }
}
