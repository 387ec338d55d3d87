package dev.countersign.policy.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.countersign.policy.peer.ImportedPolicy;
import dev.countersign.policy.peer.Peer;
import dev.countersign.policy.peer.PeerSettings;
import dev.countersign.policy.peer.PolicyImport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A file of {@code src/test/resources/peers}: requests, the facts they are judged by, and the
 * verdicts of a peer and of our policy. {@code README.md} beside it describes the fields.
 *
 * @param title the heading of its part of the page
 * @param source where the cases were read
 * @param about what the peer's verdicts are
 * @param because reasons of differences, by their key
 * @param policies the policies that the cases are decided with, by name
 * @param tables the cases, in the tables of the source
 */
record CaseFile(
    String title,
    String source,
    String about,
    Map<String, String> because,
    Map<String, NamedPolicy> policies,
    List<Table> tables) {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final Path DIRECTORY = Path.of("src/test/resources/peers");

  /**
   * A policy.
   *
   * @param peer the configuration of the peer that it corresponds to
   * @param text an ApprovalPolicy
   * @param differences what the import says of it, where it was imported
   */
  record NamedPolicy(String peer, String text, List<ImportedPolicy.Difference> differences) {
    NamedPolicy(String peer, String text) {
      this(peer, text, List.of());
    }
  }

  /**
   * A table of the source.
   *
   * @param name the function or file
   * @param cases how many cases it has there
   * @param left what was not rebuilt, and why
   * @param rows what was
   */
  record Table(String name, int cases, String left, List<Row> rows) {}

  /**
   * A case.
   *
   * @param name what is particular about it
   * @param signer whose request it is
   * @param policy the name of the policy
   * @param request fields of the request
   * @param world what is known about the cluster
   * @param theirs the peer's outcome
   * @param ours our outcome with its reasons
   * @param because the key of the reason of a difference
   */
  record Row(
      String name,
      Signer signer,
      String policy,
      JsonNode request,
      JsonNode world,
      Outcome theirs,
      Verdict ours,
      Optional<String> because) {
    boolean differs() {
      return theirs != ours.outcome();
    }
  }

  /** Whose request it is. */
  enum Signer {
    SERVING,
    CLIENT
  }

  static CaseFile read(String name) {
    try {
      return parse(YAML.readTree(Files.readString(DIRECTORY.resolve(name))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CaseFile parse(JsonNode file) {
    Map<String, String> because = new LinkedHashMap<>();
    file.path("because").properties().forEach(e -> because.put(e.getKey(), e.getValue().asText()));
    Map<String, NamedPolicy> policies = new LinkedHashMap<>();
    policies.put("defaults", new NamedPolicy("", policy(YAML.createObjectNode())));
    file.path("policies").properties().forEach(e -> policies.put(e.getKey(), named(e.getValue())));
    List<Table> tables = new ArrayList<>();
    for (JsonNode table : file.path("tables")) {
      tables.add(table(table, file.path("base")));
    }
    return new CaseFile(
        file.path("title").asText(),
        file.path("source").asText(),
        file.path("about").asText(),
        because,
        policies,
        tables);
  }

  private static NamedPolicy named(JsonNode policy) {
    try {
      if (policy.has("import")) {
        return imported(policy);
      }
      return new NamedPolicy(
          policy.path("peer").asText(),
          policy.has("file")
              ? Files.readString(Path.of("..").resolve(policy.path("file").asText()))
              : policy(policy.path("spec")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static NamedPolicy imported(JsonNode policy) {
    PeerSettings settings =
        PolicyImport.read(
                Optional.of(Peer.KUBELET_CSR_APPROVER),
                Optional.of(policy.path("import").asText()),
                List.of())
            .orThrow();
    ImportedPolicy imported = PolicyImport.of(settings).orThrow();
    return new NamedPolicy(policy.path("peer").asText(), imported.text(), imported.differences());
  }

  private static String policy(JsonNode spec) {
    ObjectNode policy = YAML.createObjectNode();
    policy.put("apiVersion", "countersign.dev/v1alpha1").put("kind", "ApprovalPolicy");
    policy.set("spec", spec);
    return policy.toString();
  }

  private static Table table(JsonNode table, JsonNode fileBase) {
    JsonNode base = merged(fileBase, table.path("base"));
    List<Row> rows = new ArrayList<>();
    for (JsonNode row : table.path("rows")) {
      JsonNode whole = merged(base, row);
      if (whole.has("each")) {
        whole.path("each").forEach(variant -> rows.add(row(variant(whole, variant))));
      } else {
        rows.add(row(whole));
      }
    }
    return new Table(
        table.path("table").asText(),
        table.path("cases").asInt(rows.size()),
        table.path("left").asText(),
        rows);
  }

  /** The case with further fields of the request, which its name tells. */
  private static JsonNode variant(JsonNode row, JsonNode fields) {
    ObjectNode variant = YAML.createObjectNode();
    String name = row.path("name").asText();
    variant.put("name", fields.isEmpty() ? name : name + ", " + plain(fields));
    ObjectNode request = YAML.createObjectNode();
    request.setAll((ObjectNode) row.path("request"));
    fields.properties().forEach(e -> request.set(e.getKey(), e.getValue()));
    variant.set("request", request);
    return merged(row, variant);
  }

  private static String plain(JsonNode fields) {
    return fields.properties().stream()
        .map(e -> e.getKey() + " " + String.join(", ", RequestFields.texts(e.getValue())))
        .collect(Collectors.joining(", "));
  }

  private static Row row(JsonNode row) {
    Verdict ours = Verdict.parse(row.path("ours").asText());
    return new Row(
        row.path("name").asText(),
        row.path("signer").asText("serving").equals("client") ? Signer.CLIENT : Signer.SERVING,
        row.path("policy").asText("defaults"),
        row.path("request"),
        row.path("world"),
        Outcome.parse(row.path("theirs").asText(ours.outcome().text())),
        ours,
        Optional.ofNullable(row.path("because").textValue()));
  }

  /** A copy with the fields of another object over it, field by field down to the second level. */
  private static JsonNode merged(JsonNode base, JsonNode over) {
    ObjectNode all = YAML.createObjectNode();
    base.properties().forEach(e -> all.set(e.getKey(), e.getValue()));
    over.properties()
        .forEach(
            e ->
                all.set(
                    e.getKey(),
                    e.getValue().isObject() && all.path(e.getKey()).isObject()
                        ? merged(all.path(e.getKey()), e.getValue())
                        : e.getValue()));
    return all;
  }
}
