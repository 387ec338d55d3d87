package dev.countersign.scenarios.structure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A page of reference about one kind of file, written from its JSON schema. */
final class SchemaPage {
  private static final Path SCHEMAS = Path.of("../docs/schema");
  private static final String DEFINITIONS = "#/$defs/";

  /** What the definitions of a schema are called on the page. */
  private static final Map<String, String> DEFINED =
      Map.of(
          "duration", "duration",
          "positiveDuration", "duration above 0",
          "text", "text",
          "dnsName", "DNS name",
          "names", "DNS names",
          "patterns", "patterns of DNS names",
          "nodeNames", "names of Nodes",
          "ranges", "addresses and ranges",
          "linkLocalRanges", "link-local addresses and ranges");

  private final StringBuilder rows = new StringBuilder();

  private SchemaPage() {}

  /**
   * The page's table, a row a field: path, type, default, description.
   *
   * @param name the schema's file in {@code docs/schema}, without {@code .schema.json}
   * @param below the path of the object whose fields are listed, empty for the document
   */
  static String table(String name, String below) throws IOException {
    JsonNode schema = new ObjectMapper().readTree(SCHEMAS.resolve(name + ".schema.json").toFile());
    SchemaPage page = new SchemaPage();
    page.fields(below.isEmpty() ? schema : schema.at("/properties/" + below), "");
    return "| field | value | default | |\n|---|---|---|---|\n" + page.rows;
  }

  private void fields(JsonNode object, String path) {
    object
        .path("properties")
        .properties()
        .forEach(
            field -> {
              JsonNode value = field.getValue();
              String name = path + field.getKey();
              rows.append("| `").append(name).append("` | ").append(type(value)).append(" | ");
              rows.append(value.has("default") ? code(value.get("default")) : "").append(" | ");
              rows.append(escaped(value.path("description").asText())).append(" |\n");
              fields(value, name + ".");
              fields(value.path("items"), name + "[].");
            });
  }

  private static String type(JsonNode value) {
    String reference = value.path("$ref").asText();
    if (reference.startsWith(DEFINITIONS)) {
      String definition = reference.substring(DEFINITIONS.length());
      return DEFINED.getOrDefault(definition, definition);
    }
    if (value.has("const")) {
      return code(value.get("const"));
    }
    if (value.has("enum")) {
      return choices(value.get("enum"));
    }
    List<String> kinds = new ArrayList<>();
    for (String either : List.of("oneOf", "anyOf")) {
      value.path(either).forEach(each -> kinds.add(type(each)));
    }
    if (!value.has("type") && !kinds.isEmpty()) {
      return kinds.stream()
          .filter(kind -> !kind.isEmpty())
          .distinct()
          .collect(Collectors.joining(" or "));
    }
    return switch (value.path("type").asText()) {
      case "array" -> "list of " + type(value.path("items"));
      case "integer" -> number(value);
      case "string" -> "text";
      case "boolean" -> "true or false";
      case "object" -> value.path("additionalProperties").isObject() ? "map" : "object";
      default -> "";
    };
  }

  private static String number(JsonNode value) {
    return value.has("minimum") && value.has("maximum")
        ? value.get("minimum").asText() + " to " + value.get("maximum").asText()
        : "number";
  }

  /** A switch's bare words, which YAML reads as booleans, are written as people write them. */
  private static String choices(JsonNode values) {
    List<String> texts = new ArrayList<>();
    values.forEach(each -> texts.add(each.isTextual() ? code(each) : ""));
    return texts.stream().filter(text -> !text.isEmpty()).collect(Collectors.joining(", "));
  }

  private static String code(JsonNode value) {
    return "`" + (value.isTextual() ? value.asText() : value.toString()) + "`";
  }

  private static String escaped(String text) {
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "\\<");
  }
}
