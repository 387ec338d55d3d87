package dev.countersign.policy.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.Bytes;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.IpRange;
import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.fact.ProtectedSpace.Kind;
import dev.countersign.policy.fact.Resolution;
import dev.countersign.policy.fact.ServiceRanges;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import dev.countersign.policy.inventory.InventoryDocument;
import dev.countersign.policy.join.BootstrapTokenGrant;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.request.CsrDetails;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads Kubernetes objects one after another and keeps what {@link ClusterObjects} tell. */
final class ClusterObjectReader {
  final List<CsrSpec> requests = new ArrayList<>();
  final Map<String, CsrDetails> details = new HashMap<>();
  final Map<NodeName, NodeFact> nodes = new LinkedHashMap<>();
  final Map<Integer, Shard> shards = new HashMap<>();
  final ProtectedSpace.Builder protectedSpace = ProtectedSpace.builder();
  final Map<String, AccessReview> reviews = new HashMap<>();
  final Map<RightOf, AccessReview> rights = new HashMap<>();
  final Map<ObjectName, JsonNode> raw = new HashMap<>();
  Optional<InventoryDocument> inventory = Optional.empty();
  Optional<Map<DnsName, Resolution>> resolution = Optional.empty();
  Optional<ShownCertificate> shown = Optional.empty();
  final Set<IpRange> serviceRanges = new HashSet<>();
  private final Set<IpAddress> apiServer = new HashSet<>();
  private final Set<IpAddress> serviceAddresses = new HashSet<>();

  /**
   * The kinds that were given, be it as an empty list: what is not among them is not there. Of
   * ConfigMaps only records of joins count: those of addresses alone say nothing about joins.
   */
  final Set<String> listed = new HashSet<>();

  /**
   * A right that was asked for.
   *
   * @param subresource empty where none was named
   */
  record RightOf(String username, String subresource) {}

  /** An object that is kept as it is. */
  record ObjectName(String kind, String name) {}

  /** By number, why a record of addresses cannot be read. */
  final Map<Integer, String> unreadableShards = new HashMap<>();

  /**
   * That the ranges which Services get their addresses from are not known, if they are not.
   *
   * @param noObjects why the API server sent no ServiceCIDR objects
   */
  Optional<ServiceRangesUnknown> serviceRangesUnknown(Optional<String> noObjects) {
    return noObjects
        .or(() -> ServiceRanges.whyUnknown(serviceRanges, apiServer))
        .map(why -> ServiceRangesUnknown.of(why, apiServer, serviceAddresses));
  }

  /** Takes in an object or a list of them. */
  void add(JsonNode object, List<ParseError> errors) {
    JsonNode items = object.get("items");
    if (items != null && items.isArray()) {
      String kind = object.path("kind").asText("");
      String itemKind = kind.endsWith("List") ? kind.substring(0, kind.length() - 4) : "";
      for (JsonNode item : items) {
        addOne(item, item.path("kind").asText(itemKind), errors);
      }
      if (items.isEmpty()) {
        listed.add(itemKind);
      }
      return;
    }
    addOne(object, object.path("kind").asText(""), errors);
  }

  private void addOne(JsonNode object, String kind, List<ParseError> errors) {
    if (!kind.equals("ConfigMap")) {
      listed.add(kind);
    }
    switch (kind) {
      case "CertificateSigningRequest" -> request(object, errors);
      case "Node" -> node(object).ifPresent(node -> nodes.put(node.name(), node));
      case "Service" -> service(object);
      case "ServiceCIDR" ->
          texts(object.path("spec").path("cidrs")).stream()
              .flatMap(text -> IpRange.parse(text).stream())
              .forEach(
                  range -> {
                    serviceRanges.add(range);
                    protectedSpace.range(range, Kind.SERVICE_RANGE, "ServiceCIDR " + name(object));
                  });
      case "EndpointSlice" -> endpoints(object);
      case "ConfigMap" -> {
        shard(object, errors);
        if (object.path("metadata").path("labels").has(BootstrapTokenGrant.LABEL)) {
          listed.add(kind);
          keep(kind, object);
        }
      }
      case "Lease" -> keep(kind, object);
      case "SubjectAccessReview" -> review(object);
      case InventoryFile.KIND -> {
        switch (InventoryFile.parse(object)) {
          case ParseResult.Parsed<InventoryDocument>(InventoryDocument read) ->
              inventory = Optional.of(read);
          case ParseResult.Refused<InventoryDocument>(List<ParseError> found) ->
              errors.addAll(found);
        }
      }
      case "Resolution" -> resolution(object, errors);
      case "ServedCertificate" -> served(object, errors);
      default -> {}
    }
  }

  private void keep(String kind, JsonNode object) {
    raw.put(new ObjectName(kind, name(object)), object);
  }

  private static String name(JsonNode object) {
    return object.path("metadata").path("name").asText("");
  }

  private void request(JsonNode object, List<ParseError> errors) {
    JsonNode spec = object.path("spec");
    List<CsrDetails.Condition> conditions = new ArrayList<>();
    for (JsonNode condition : object.path("status").path("conditions")) {
      if (condition.path("status").asText("True").equals("True")) {
        conditions.add(
            new CsrDetails.Condition(
                condition.path("type").asText(""),
                condition.path("reason").asText(""),
                condition.path("message").asText(""),
                condition.path("lastUpdateTime").asText("")));
      }
    }
    JsonNode metadata = object.path("metadata");
    details.putIfAbsent(
        name(object),
        new CsrDetails(
            Optional.ofNullable(metadata.path("annotations").get(Attestation.ANNOTATION))
                .map(JsonNode::asText),
            conditions));
    Map<String, List<String>> extra = new HashMap<>();
    spec.path("extra").properties().forEach(e -> extra.put(e.getKey(), texts(e.getValue())));
    try {
      requests.add(
          new CsrSpec(
              name(object),
              metadata.path("uid").asText("none"),
              new SignerName(spec.path("signerName").asText("")),
              new CsrSpec.Requestor(
                  spec.path("username").asText(""),
                  spec.path("uid").asText(""),
                  texts(spec.path("groups")),
                  extra),
              texts(spec.path("usages")),
              spec.path("expirationSeconds").isIntegralNumber()
                  ? Optional.of(Duration.ofSeconds(spec.path("expirationSeconds").longValue()))
                  : Optional.empty(),
              instant(object),
              Bytes.copyOf(Base64.getMimeDecoder().decode(spec.path("request").asText(""))),
              conditions.stream().map(CsrDetails.Condition::type).toList(),
              !object.path("status").path("certificate").asText("").isEmpty(),
              !object.path("metadata").path("deletionTimestamp").asText("").isEmpty()));
    } catch (IllegalArgumentException e) {
      errors.add(
          new ParseError(
              "CertificateSigningRequest " + SafeText.quote(name(object)) + " spec.request",
              "no base64",
              "base64 of a PEM block"));
    }
  }

  private static Instant instant(JsonNode object) {
    String text = object.path("metadata").path("creationTimestamp").asText("");
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  private static Optional<NodeFact> node(JsonNode object) {
    Optional<NodeName> name = NodeName.parse(name(object));
    List<NodeAddress> addresses = new ArrayList<>();
    for (JsonNode address : object.path("status").path("addresses")) {
      if (addresses.size() < NodeFact.MOST_ADDRESSES) {
        NodeAddress.Type.parse(address.path("type").asText(""))
            .ifPresent(
                type -> addresses.add(new NodeAddress(type, address.path("address").asText(""))));
      }
    }
    Map<String, String> conditions = new HashMap<>();
    for (JsonNode condition : object.path("status").path("conditions")) {
      conditions.put(condition.path("type").asText(""), condition.path("status").asText(""));
    }
    Map<String, String> labels = new HashMap<>();
    object
        .path("metadata")
        .path("labels")
        .properties()
        .forEach(label -> labels.put(label.getKey(), label.getValue().asText("")));
    List<IpRange> podRanges =
        texts(object.path("spec").path("podCIDRs")).stream()
            .flatMap(text -> IpRange.parse(text).stream())
            .toList();
    return name.map(
        found ->
            new NodeFact(
                found,
                object.path("metadata").path("uid").asText(""),
                instant(object),
                addresses,
                podRanges,
                conditions,
                labels));
  }

  private void service(JsonNode object) {
    JsonNode spec = object.path("spec");
    Set<String> clusterIps = new HashSet<>(texts(spec.path("clusterIPs")));
    clusterIps.add(spec.path("clusterIP").asText(""));
    List<String> external = new ArrayList<>(texts(spec.path("externalIPs")));
    external.add(spec.path("loadBalancerIP").asText(""));
    List<DnsName> externalNames = new ArrayList<>();
    for (JsonNode ingress : object.path("status").path("loadBalancer").path("ingress")) {
      external.add(ingress.path("ip").asText(""));
      String hostname = ingress.path("hostname").asText("");
      if (!hostname.isEmpty()) {
        externalNames.add(DnsName.of(hostname));
      }
    }
    String namespace = object.path("metadata").path("namespace").asText("");
    if (clusterIps.contains("None")) {
      protectedSpace.headlessService(namespace, name(object));
    }
    List<IpAddress> clusterAddresses =
        clusterIps.stream().flatMap(ip -> IpAddress.parse(ip).stream()).toList();
    if (namespace.equals("default") && name(object).equals("kubernetes")) {
      apiServer.addAll(clusterAddresses);
    }
    serviceAddresses.addAll(clusterAddresses);
    protectedSpace.service(
        namespace,
        name(object),
        clusterAddresses,
        external.stream().flatMap(ip -> IpAddress.parse(ip).stream()).toList(),
        externalNames);
  }

  private void endpoints(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    boolean apiServer =
        metadata.path("namespace").asText("").equals("default")
            && metadata
                .path("labels")
                .path("kubernetes.io/service-name")
                .asText(name(object))
                .equals("kubernetes");
    if (apiServer) {
      for (JsonNode endpoint : object.path("endpoints")) {
        texts(endpoint.path("addresses")).stream()
            .flatMap(text -> IpAddress.parse(text).stream())
            .forEach(
                address ->
                    protectedSpace.address(
                        address, Kind.API_SERVER, "EndpointSlice default/kubernetes"));
      }
    }
  }

  private void shard(JsonNode object, List<ParseError> errors) {
    String prefix = Shard.OBJECT_PREFIX;
    String name = name(object);
    String entries = object.path("data").path(Shard.DATA_KEY).asText("");
    // Not the one that keeps their key.
    if (name.startsWith(prefix) && name.length() <= prefix.length() + 2 && !entries.isEmpty()) {
      try {
        int number = Integer.parseInt(name.substring(prefix.length()));
        switch (Shard.parse(entries)) {
          case ParseResult.Parsed<Shard>(Shard shard) -> shards.put(number, shard);
          case ParseResult.Refused<Shard>(List<ParseError> found) -> {
            ParseError error =
                found.getFirst().at("ConfigMap " + name + " " + found.getFirst().path());
            errors.add(error);
            unreadableShards.put(number, error.message());
          }
        }
      } catch (NumberFormatException e) {
        errors.add(new ParseError(name, "a name without a number", prefix + "00"));
      }
    }
  }

  private void review(JsonNode object) {
    JsonNode status = object.path("status");
    if (status.has("allowed")) {
      boolean allowed = status.path("allowed").asBoolean() && !status.path("denied").asBoolean();
      AccessReview answer =
          allowed
              ? new AccessReview.Allowed()
              : new AccessReview.Refused(status.path("reason").asText(""));
      JsonNode spec = object.path("spec");
      String user = spec.path("user").asText("");
      reviews.put(user, answer);
      rights.put(
          new RightOf(user, spec.path("resourceAttributes").path("subresource").asText("")),
          answer);
    }
  }

  private void resolution(JsonNode object, List<ParseError> errors) {
    Map<DnsName, Resolution> names = new HashMap<>();
    for (Map.Entry<String, JsonNode> name : object.path("names").properties()) {
      Set<IpAddress> addresses = new HashSet<>();
      for (String text : texts(name.getValue())) {
        IpAddress.parse(text)
            .ifPresentOrElse(
                addresses::add,
                () ->
                    errors.add(
                        new ParseError(
                            "names." + name.getKey(), "\"" + text + "\"", "IP addresses")));
      }
      names.put(
          DnsName.of(name.getKey()),
          addresses.isEmpty() ? new Resolution.None() : new Resolution.Addresses(addresses));
    }
    resolution = Optional.of(names);
  }

  private void served(JsonNode object, List<ParseError> errors) {
    String text = object.path("address").asText("");
    Optional<IpAddress> address = IpAddress.parse(text);
    if (!text.isEmpty() && address.isEmpty()) {
      errors.add(
          new ParseError(
              "ServedCertificate address",
              SafeText.quote(text),
              "the IP address at which it is served"));
    }
    shown = Optional.of(new ShownCertificate(address, object.path("certificate").asText("")));
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.asText("")));
    return texts;
  }
}
