package dev.countersign.approver.lookup;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.inventory.Machine;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads one Machine as JSON. */
final class MachineObject {
  private String namespace = "";
  private String name = "";
  private Instant created = Instant.EPOCH;
  private Optional<NodeName> node = Optional.empty();
  private final Set<DnsName> names = new HashSet<>();
  private final Set<IpAddress> addresses = new HashSet<>();

  private MachineObject() {}

  static Machine decode(JsonParser parser) throws IOException {
    MachineObject object = new MachineObject();
    JsonReading.object(
        parser,
        section -> {
          switch (section) {
            case "metadata" -> JsonReading.object(parser, field -> object.metadata(field, parser));
            case "status" -> JsonReading.object(parser, field -> object.status(field, parser));
            default -> {}
          }
        });
    return new Machine(
        object.namespace + "/" + object.name,
        object.created,
        object.node,
        new InventoryEntry(object.names, object.addresses, List.of()));
  }

  private void metadata(String field, JsonParser parser) throws IOException {
    switch (field) {
      case "namespace" -> namespace = JsonReading.string(parser);
      case "name" -> name = JsonReading.string(parser);
      case "creationTimestamp" -> created = JsonReading.time(parser);
      default -> {}
    }
  }

  /** An ObjectReference up to v1beta1, since v1beta2 a name alone. */
  private void status(String field, JsonParser parser) throws IOException {
    switch (field) {
      case "nodeRef" ->
          JsonReading.object(
              parser,
              inner -> {
                if (inner.equals("name")) {
                  node = NodeName.parse(JsonReading.string(parser));
                }
              });
      case "addresses" -> JsonReading.array(parser, () -> address(parser));
      default -> {}
    }
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
    String value = text.getOrDefault("address", "");
    Optional<IpAddress> address = IpAddress.parse(value);
    switch (text.getOrDefault("type", "")) {
      case "InternalIP", "ExternalIP" -> address.ifPresent(addresses::add);
      case "Hostname", "InternalDNS", "ExternalDNS" -> {
        if (address.isPresent()) {
          addresses.add(address.get());
        } else if (!value.isEmpty()) {
          names.add(DnsName.of(value));
        }
      }
      default -> {}
    }
  }
}
