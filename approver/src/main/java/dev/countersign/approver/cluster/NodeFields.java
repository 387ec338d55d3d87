package dev.countersign.approver.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.CodedInputStream;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ObjectMeta;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.proto.ProtoReading;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fields of a Node while it is read, in JSON or in protobuf (k8s.io/api,
 * core/v1/generated.proto). Used once.
 */
final class NodeFields {
  /** Two texts that belong together, as addresses and conditions have them. */
  private static final class Pair {
    private String first = "";
    private String second = "";

    static Pair read(JsonParser parser, String first, String second) throws IOException {
      Pair pair = new Pair();
      JsonReading.object(
          parser,
          field -> {
            if (field.equals(first)) {
              pair.first = JsonReading.string(parser);
            } else if (field.equals(second)) {
              pair.second = JsonReading.string(parser);
            }
          });
      return pair;
    }

    /** The fields 1 and 2. */
    static Pair read(CodedInputStream in) throws IOException {
      Pair pair = new Pair();
      ProtoReading.fieldsOfMessage(
          in,
          field -> {
            switch (field) {
              case 1 -> pair.first = ProtoReading.string(in);
              case 2 -> pair.second = ProtoReading.string(in);
              default -> {}
            }
          });
      return pair;
    }
  }

  private final Shared shared;
  private final ObjectMeta meta = new ObjectMeta();
  private final Map<String, String> labels = new HashMap<>();
  private final Set<IpRange> ranges = new LinkedHashSet<>();
  private final List<NodeAddress> addresses = new ArrayList<>(4);
  private final Map<String, String> conditions = new HashMap<>();

  NodeFields(Shared shared) {
    this.shared = shared;
  }

  NodeObject read(JsonParser parser) throws IOException {
    JsonReading.object(
        parser,
        section -> {
          switch (section) {
            case "metadata" -> JsonReading.object(parser, field -> metadata(field, parser));
            case "spec" -> JsonReading.object(parser, field -> spec(field, parser));
            case "status" -> JsonReading.object(parser, field -> status(field, parser));
            default -> {}
          }
        });
    return build();
  }

  private void metadata(String field, JsonParser parser) throws IOException {
    if (!meta.take(field, parser) && field.equals("labels")) {
      labels.putAll(JsonReading.stringMap(parser));
    }
  }

  private void spec(String field, JsonParser parser) throws IOException {
    switch (field) {
      case "podCIDR" -> range(JsonReading.string(parser));
      case "podCIDRs" -> JsonReading.strings(parser).forEach(this::range);
      default -> {}
    }
  }

  private void status(String field, JsonParser parser) throws IOException {
    switch (field) {
      case "addresses" ->
          JsonReading.array(parser, () -> address(Pair.read(parser, "type", "address")));
      case "conditions" ->
          JsonReading.array(parser, () -> condition(Pair.read(parser, "type", "status")));
      default -> {}
    }
  }

  NodeObject read(CodedInputStream in) throws IOException {
    ProtoReading.fields(
        in,
        section -> {
          switch (section) {
            case 1 -> ProtoReading.fieldsOfMessage(in, field -> metadata(field, in));
            case 2 -> ProtoReading.fieldsOfMessage(in, field -> spec(field, in));
            case 3 -> ProtoReading.fieldsOfMessage(in, field -> status(field, in));
            default -> {}
          }
        });
    return build();
  }

  private void metadata(int field, CodedInputStream in) throws IOException {
    if (!meta.take(field, in) && field == 11) {
      ProtoReading.mapEntry(in, labels::put);
    }
  }

  private void spec(int field, CodedInputStream in) throws IOException {
    switch (field) {
      case 1, 7 -> range(ProtoReading.string(in));
      default -> {}
    }
  }

  private void status(int field, CodedInputStream in) throws IOException {
    switch (field) {
      case 4 -> condition(Pair.read(in));
      case 5 -> address(Pair.read(in));
      default -> {}
    }
  }

  private void range(String text) {
    IpRange.parse(text).ifPresent(ranges::add);
  }

  private void address(Pair pair) {
    if (addresses.size() < NodeFact.MOST_ADDRESSES) {
      NodeAddress.Type.parse(pair.first)
          .ifPresent(type -> addresses.add(new NodeAddress(type, pair.second)));
    }
  }

  private void condition(Pair pair) {
    conditions.put(shared.text(pair.first), shared.text(pair.second));
  }

  private NodeObject build() {
    Map<String, String> kept = HashMap.newHashMap(labels.size());
    labels.forEach((key, value) -> kept.put(shared.text(key), shared.text(value)));
    return new NodeObject(
        meta.name(),
        meta.resourceVersion(),
        NodeName.parse(meta.name())
            .map(
                parsed ->
                    new NodeFact(
                        parsed,
                        meta.uid(),
                        meta.created(),
                        addresses,
                        List.copyOf(ranges),
                        conditions,
                        kept)));
  }
}
