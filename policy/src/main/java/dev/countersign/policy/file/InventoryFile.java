package dev.countersign.policy.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.common.document.Fields;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.DnsSyntax;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.inventory.InventoryDocument;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads inventories: files and ConfigMaps of {@code kind: Inventory}, Cluster API Machines, and the
 * answers of a webhook.
 */
public final class InventoryFile {
  /** The value of {@code kind}. */
  public static final String KIND = "Inventory";

  private static final String NAME = "a DNS name such as worker-1.example.com";
  private static final String ADDRESS = "an IP address";
  private static final String RANGE = "a range such as 10.0.0.0/8";

  private InventoryFile() {}

  /** An inventory document, or every error in it. */
  public static ParseResult<InventoryDocument> parse(String text) {
    return Fields.read(text, Documents.LONGEST, InventoryFile::read);
  }

  static ParseResult<InventoryDocument> parse(JsonNode document) {
    return Fields.read(document, InventoryFile::read);
  }

  private static Optional<InventoryDocument> read(Fields file) {
    ApprovalPolicyFile.header(file, KIND);
    Map<NodeName, InventoryEntry> nodes = new HashMap<>();
    Fields all = file.child("nodes");
    for (String name : all.names()) {
      Fields node = all.child(name);
      Optional<NodeName> parsed = NodeName.parse(name);
      if (parsed.isEmpty()) {
        all.wrong(name, "a field of that name", NodeName.RULE);
      }
      InventoryEntry entry = entry(node);
      node.end();
      parsed.ifPresent(found -> nodes.put(found, entry));
    }
    return Optional.of(new InventoryDocument(nodes));
  }

  /**
   * The answer of a webhook, a JSON object: {@code known} (true or false) and, if true, {@code
   * names}, {@code addresses}, {@code ranges}.
   */
  public static ParseResult<Optional<InventoryEntry>> parseAnswer(String json) {
    return Fields.read(
        json,
        Documents.LONGEST,
        answer -> {
          if (!answer.has("known")) {
            answer.missing("known", "true or false");
          }
          boolean known = answer.truth("known").orElse(false);
          InventoryEntry entry = entry(answer);
          return Optional.of(known ? Optional.of(entry) : Optional.empty());
        });
  }

  /**
   * A Cluster API Machine (cluster.x-k8s.io): {@code status.nodeRef.name} and {@code
   * status.addresses}. Nothing where no Node belongs to it yet.
   */
  public static ParseResult<InventoryDocument> parseMachine(String json) {
    return Documents.one(json).then(machine -> ParseResult.parsed(machine(machine.path("status"))));
  }

  private static InventoryDocument machine(JsonNode status) {
    Optional<NodeName> node = NodeName.parse(status.path("nodeRef").path("name").asText(""));
    Set<DnsName> names = new HashSet<>();
    Set<IpAddress> addresses = new HashSet<>();
    for (JsonNode address : status.path("addresses")) {
      String text = address.path("address").asText("");
      switch (address.path("type").asText("")) {
        case "InternalIP", "ExternalIP" -> IpAddress.parse(text).ifPresent(addresses::add);
        case "InternalDNS", "ExternalDNS" -> dnsName(text).ifPresent(names::add);
        case "Hostname" ->
            IpAddress.parse(text)
                .ifPresentOrElse(addresses::add, () -> dnsName(text).ifPresent(names::add));
        default -> {}
      }
    }
    return new InventoryDocument(
        node.map(found -> Map.of(found, new InventoryEntry(names, addresses, List.of())))
            .orElseGet(Map::of));
  }

  private static InventoryEntry entry(Fields fields) {
    return new InventoryEntry(
        Set.copyOf(fields.list("names", NAME, InventoryFile::dnsName).orElse(List.of())),
        Set.copyOf(fields.list("addresses", ADDRESS, IpAddress::parse).orElse(List.of())),
        fields.list("ranges", RANGE, IpRange::parse).orElse(List.of()));
  }

  private static Optional<DnsName> dnsName(String text) {
    DnsName name = DnsName.of(text);
    return DnsSyntax.isHostName(name.text()) && !DnsSyntax.isAddress(name.text())
        ? Optional.of(name)
        : Optional.empty();
  }
}
