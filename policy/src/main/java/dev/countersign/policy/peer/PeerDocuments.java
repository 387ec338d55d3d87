package dev.countersign.policy.peer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.countersign.common.ParseResult;
import dev.countersign.common.document.Documents;
import dev.countersign.common.text.SafeText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Reads a peer's settings from a file: the workload as {@code kubectl get -o yaml} prints it, the
 * values of its Helm chart (also below the chart's name, and below {@code
 * kubelet_csr_approver_values} of kubespray), or lines of {@code NAME=value}.
 */
final class PeerDocuments {
  private static final Map<String, String> VALUES =
      Map.of(
          "providerRegex", "provider-regex",
          "providerIpPrefixes", "provider-ip-prefixes",
          "maxExpirationSeconds", "max-expiration-sec",
          "allowedDnsNames", "allowed-dns-names",
          "bypassDnsResolution", "bypass-dns-resolution",
          "bypassHostnameCheck", "bypass-hostname-check",
          "ignoreNonSystemNode", "ignore-non-system-node",
          "skipDenyStep", "skip-deny-step");

  /** Values of the chart that say how it is deployed. */
  private static final List<String> DEPLOYMENT =
      List.of(
          "global",
          "loggingLevel",
          "leaderElection",
          "replicas",
          "namespace",
          "image",
          "imagePullSecrets",
          "nameOverride",
          "fullnameOverride",
          "metrics",
          "serviceAccount",
          "podAnnotations",
          "podLabels",
          "priorityClassName",
          "podSecurityContext",
          "securityContext",
          "resources",
          "nodeSelector",
          "tolerations",
          "affinity",
          "rbac",
          "env",
          "dnsPolicy",
          "dnsConfig",
          "extraObjects");

  private PeerDocuments() {}

  /**
   * Reads a file.
   *
   * @param peer as it was named; a workload tells it itself
   */
  static ParseResult<PeerSettings> read(Optional<Peer> peer, String text) {
    if (isEnvironment(text)) {
      return Peer.named(peer)
          .then(known -> ParseResult.parsed(PeerFlags.ofEnvironment(known, environment(text))));
    }
    return Documents.all(text).then(documents -> read(peer, documents));
  }

  private static ParseResult<PeerSettings> read(Optional<Peer> peer, List<JsonNode> documents) {
    List<JsonNode> containers = new ArrayList<>();
    for (JsonNode document : documents) {
      for (JsonNode object : items(document)) {
        addContainers(object, containers);
      }
    }
    for (JsonNode container : containers) {
      Optional<Peer> found =
          Peer.within(container.path("image").asText())
              .or(() -> Peer.within(container.path("name").asText()));
      if (found.isPresent() && (peer.isEmpty() || peer.equals(found))) {
        return container(found.get(), container);
      }
    }
    if (documents.stream().anyMatch(document -> document.has("kind"))) {
      return ParseResult.refused(
          "file",
          containers.size() + " containers",
          "one whose image or name is of " + String.join(", ", Peer.names()));
    }
    return documents.size() == 1
        ? values(peer, documents.getFirst())
        : ParseResult.refused("file", documents.size() + " documents", "one with Helm values");
  }

  private static List<JsonNode> items(JsonNode document) {
    return document.path("kind").asText().endsWith("List")
        ? StreamSupport.stream(document.path("items").spliterator(), false).toList()
        : List.of(document);
  }

  private static void addContainers(JsonNode object, List<JsonNode> containers) {
    JsonNode spec = object.path("spec");
    JsonNode pod = spec.path("template").has("spec") ? spec.path("template").path("spec") : spec;
    pod.path("containers").forEach(containers::add);
  }

  private static ParseResult<PeerSettings> container(Peer peer, JsonNode container) {
    List<String> arguments = new ArrayList<>();
    List<JsonNode> command =
        StreamSupport.stream(container.path("command").spliterator(), false).toList();
    command.stream().skip(1).forEach(word -> arguments.add(word.asText()));
    container.path("args").forEach(word -> arguments.add(word.asText()));
    return variables(peer, container.path("env"))
        .then(
            environment ->
                PeerFlags.ofArguments(peer, arguments)
                    .then(
                        flags ->
                            ParseResult.parsed(
                                PeerFlags.ofEnvironment(peer, environment).with(flags))));
  }

  private static ParseResult<Map<String, String>> variables(Peer peer, JsonNode env) {
    Map<String, String> environment = new LinkedHashMap<>();
    for (JsonNode variable : env) {
      String name = variable.path("name").asText();
      if (variable.has("valueFrom") && PeerFlags.decides(peer, name)) {
        return ParseResult.refused(
            "env." + SafeText.plain(name), "valueFrom", "its value: give it as a flag after --");
      }
      environment.put(name, variable.path("value").asText());
    }
    return ParseResult.parsed(environment);
  }

  private static ParseResult<PeerSettings> values(Optional<Peer> peer, JsonNode document) {
    JsonNode values = document;
    for (String key : List.of(Peer.KUBELET_CSR_APPROVER.text(), "kubelet_csr_approver_values")) {
      if (document.path(key).isObject()) {
        values = document.path(key);
      }
    }
    if (peer.isPresent() && peer.get() != Peer.KUBELET_CSR_APPROVER) {
      return ParseResult.refused(
          "file", "no workload", "a Deployment: " + peer.get().text() + " has no chart");
    }
    Map<String, String> flags = new LinkedHashMap<>();
    Map<String, String> others = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> value : values.properties()) {
      String flag = VALUES.get(value.getKey());
      if (flag != null) {
        if (isGiven(value.getValue())) {
          flags.put(flag, text(value.getValue()));
        }
      } else if (DEPLOYMENT.contains(value.getKey())) {
        others.put(value.getKey(), "the value of the same purpose of countersign's chart");
      } else {
        return ParseResult.refused(
            SafeText.plain(value.getKey()), "a value", "values of kubelet-csr-approver's chart");
      }
    }
    PeerSettings chart = new PeerSettings(Peer.KUBELET_CSR_APPROVER, flags, others);
    return variables(Peer.KUBELET_CSR_APPROVER, values.path("env"))
        .then(
            environment ->
                ParseResult.parsed(
                    chart.with(PeerFlags.ofEnvironment(Peer.KUBELET_CSR_APPROVER, environment))));
  }

  /** As Helm's {@code if}: what is empty, zero or false is not there. */
  private static boolean isGiven(JsonNode value) {
    return !(value.isNull()
        || (value.isContainerNode() && value.isEmpty())
        || (value.isTextual() && value.asText().isEmpty())
        || (value.isBoolean() && !value.asBoolean())
        || (value.isNumber() && value.asDouble() == 0));
  }

  private static String text(JsonNode value) {
    return value.isArray()
        ? StreamSupport.stream(value.spliterator(), false)
            .map(JsonNode::asText)
            .collect(Collectors.joining(","))
        : value.asText();
  }

  private static boolean isEnvironment(String text) {
    List<String> lines = lines(text);
    return !lines.isEmpty()
        && lines.stream().allMatch(line -> line.matches("(?:export )?[A-Z][A-Z0-9_]*=.*"));
  }

  private static Map<String, String> environment(String text) {
    Map<String, String> environment = new LinkedHashMap<>();
    for (String line : lines(text)) {
      String bare = line.replaceFirst("^export ", "");
      int equals = bare.indexOf('=');
      environment.put(bare.substring(0, equals), unquoted(bare.substring(equals + 1)));
    }
    return environment;
  }

  private static List<String> lines(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .toList();
  }

  private static String unquoted(String value) {
    boolean quoted =
        value.length() > 1
            && ((value.startsWith("'") && value.endsWith("'"))
                || (value.startsWith("\"") && value.endsWith("\"")));
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}
