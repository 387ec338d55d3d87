package dev.countersign.policy.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Requests;
import dev.countersign.policy.Worlds;
import dev.countersign.policy.config.Inventory;
import dev.countersign.policy.config.InventorySource;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.AddressOwnership;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.fact.InventoryEntry;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServedCertificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Builds the request of a kubelet-serving case and its facts, and decides it. */
final class ServingCase {
  /** Whose an address or name is that the case gives to somebody else. */
  private static final String OTHER = "another-node";

  private final PolicyConfig config;
  private final Requests request;
  private final Optional<NodeFact> node;
  private final Facts facts;

  ServingCase(JsonNode request, JsonNode world, PolicyConfig config) {
    this.config = config;
    this.request = RequestFields.serving(request);
    this.node = node(request, world);
    this.facts = facts(world);
  }

  Verdict decide() {
    return decide(request, facts);
  }

  /** As it is decided when the Node does not exist. */
  Verdict withoutNode() {
    return decide(request, facts.withNode(Fact.known(Optional.empty())));
  }

  /** As it is decided when another node's credentials made it. */
  Verdict byAnotherNode() {
    return decide(
        request.withRequestor("system:node:" + OTHER, "system:nodes", "system:authenticated"),
        facts);
  }

  /** As it is decided when another Node holds all that it asks for. */
  Verdict ofAnothersAddresses() {
    Map<NameOrAddress, AddressOwnership> holdings = new HashMap<>();
    node.map(Worlds::heldBy).orElseThrow().keySet().forEach(c -> holdings.put(c, anothers()));
    return decide(request, facts.withHoldings(Fact.known(holdings)));
  }

  private Verdict decide(Requests asked, Facts known) {
    Decision decision = Policy.decide(asked.csr(), known, config);
    Outcome outcome =
        switch (decision) {
          case Decision.Approve _ -> Outcome.APPROVE;
          case Decision.Deny _ -> config.mode().writes(decision) ? Outcome.DENY : Outcome.DEFER;
          case Decision.Defer _ -> Outcome.DEFER;
          case Decision.Ignore _ -> Outcome.IGNORE;
        };
    return new Verdict(
        outcome,
        decision.violations().stream()
            .map(Violation::reason)
            .map(reason -> reason.camelCase())
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  private static AddressOwnership anothers() {
    return new AddressOwnership.HeldBy(Worlds.nodeName(OTHER), "uid-of-another", Requests.NOW);
  }

  /** By default the Node reports what is asked for, and is there. */
  private static Optional<NodeFact> node(JsonNode request, JsonNode world) {
    JsonNode reported = world.path("node");
    if (reported.asText().equals("none")) {
      return Optional.empty();
    }
    List<NodeAddress> addresses = new ArrayList<>();
    if (reported.isObject()) {
      reported
          .properties()
          .forEach(
              e -> {
                NodeAddress.Type type = type(e.getKey());
                RequestFields.texts(e.getValue())
                    .forEach(text -> addresses.add(new NodeAddress(type, text)));
              });
    } else {
      RequestFields.texts(request.path("dns"))
          .forEach(text -> addresses.add(Worlds.internalDns(text)));
      RequestFields.texts(request.path("ip")).forEach(text -> addresses.add(Worlds.internal(text)));
    }
    IntStream.range(0, world.path("moreNames").asInt())
        .mapToObj(number -> Worlds.internalDns("worker-" + number))
        .forEach(addresses::add);
    NodeFact node =
        Worlds.node(RequestFields.node(request), Worlds.UID, addresses.toArray(NodeAddress[]::new));
    return Optional.of(
        Worlds.labelled(node, RequestFields.texts(world.path("labels")).toArray(String[]::new)));
  }

  private static NodeAddress.Type type(String text) {
    return switch (text) {
      case "Hostname" -> NodeAddress.Type.HOSTNAME;
      case "InternalIP" -> NodeAddress.Type.INTERNAL_IP;
      case "ExternalIP" -> NodeAddress.Type.EXTERNAL_IP;
      case "InternalDNS" -> NodeAddress.Type.INTERNAL_DNS;
      case "ExternalDNS" -> NodeAddress.Type.EXTERNAL_DNS;
      default -> throw new IllegalArgumentException("no type of address: " + text);
    };
  }

  private Facts facts(JsonNode world) {
    Map<NameOrAddress, AddressOwnership> holdings = new HashMap<>();
    node.map(Worlds::heldBy).ifPresent(holdings::putAll);
    RequestFields.texts(world.path("others"))
        .forEach(text -> holdings.put(claim(text), anothers()));
    RequestFields.texts(world.path("contested"))
        .forEach(
            text ->
                holdings.put(
                    claim(text),
                    new AddressOwnership.Contested(
                        List.of(Worlds.nodeName(OTHER), node.orElseThrow().name()))));
    return node.map(Worlds::of)
        .orElseGet(() -> Worlds.honest().withNode(Fact.known(Optional.empty())))
        .withHoldings(Fact.known(holdings))
        .withNewerPending(Fact.known(world.path("newerPending").asInt(0)))
        .withAccess(access(world.path("access").asText("allowed")))
        .withResolution(Fact.known(resolution(world.path("resolves"))))
        .withInventory(inventory(world.path("inventory")))
        .withServed(served(world.path("serves")));
  }

  private static NameOrAddress claim(String text) {
    return IpAddress.parse(text)
        .<NameOrAddress>map(address -> address)
        .orElseGet(() -> DnsName.of(text));
  }

  private static Fact<AccessReview> access(String text) {
    return switch (text) {
      case "allowed" -> Fact.known(new AccessReview.Allowed());
      case "refused" -> Fact.known(new AccessReview.Refused("no rule allows it"));
      default -> Fact.unknown(text);
    };
  }

  private static Map<DnsName, Resolution> resolution(JsonNode names) {
    Map<DnsName, Resolution> resolution = new HashMap<>();
    names
        .properties()
        .forEach(
            e ->
                resolution.put(
                    DnsName.of(e.getKey()),
                    new Resolution.Addresses(
                        RequestFields.texts(e.getValue()).stream()
                            .map(Worlds::ip)
                            .collect(Collectors.toSet()))));
    return resolution;
  }

  private Map<String, Fact<Optional<InventoryEntry>>> inventory(JsonNode inventory) {
    Map<String, Fact<Optional<InventoryEntry>>> answers = new HashMap<>();
    for (InventorySource source : config.inventory().map(Inventory::sources).orElse(List.of())) {
      answers.put(source.name(), answer(inventory));
    }
    return answers;
  }

  private static Fact<Optional<InventoryEntry>> answer(JsonNode inventory) {
    return inventory.isObject()
        ? Fact.known(
            Optional.of(
                new InventoryEntry(
                    RequestFields.texts(inventory.path("names")).stream()
                        .map(DnsName::of)
                        .collect(Collectors.toSet()),
                    RequestFields.texts(inventory.path("addresses")).stream()
                        .map(Worlds::ip)
                        .collect(Collectors.toSet()),
                    RequestFields.texts(inventory.path("ranges")).stream()
                        .map(Worlds::range)
                        .toList())))
        : inventory.isTextual() ? Fact.unknown(inventory.asText()) : Fact.known(Optional.empty());
  }

  private Fact<Optional<ServedCertificate>> served(JsonNode served) {
    if (!served.isObject()) {
      return Fact.known(Optional.empty());
    }
    Set<IpAddress> addresses =
        RequestFields.texts(served.path("ip")).stream().map(Worlds::ip).collect(Collectors.toSet());
    return Fact.known(
        Optional.of(
            new ServedCertificate(
                Worlds.nodeName(
                    served.path("node").asText(node.map(n -> n.name().text()).orElse(OTHER))),
                Worlds.ip(served.path("at").asText("192.0.2.10")),
                RequestFields.texts(served.path("dns")).stream()
                    .map(DnsName::of)
                    .collect(Collectors.toSet()),
                addresses,
                Instant.MAX)));
  }
}
