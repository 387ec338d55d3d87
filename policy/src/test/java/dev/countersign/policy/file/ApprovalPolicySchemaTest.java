package dev.countersign.policy.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.policy.config.PolicyConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The published schema and the example, held against the fields that the parser knows. */
class ApprovalPolicySchemaTest {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final Pattern ONE_OF =
      Pattern.compile(
          "^(\\S*?)\\.?zzzzzz \\(line \\d+\\): got an unknown field; want one of" + " \\[(.*)]$");

  private static JsonNode schema() throws IOException {
    return YAML.readTree(Files.readString(Path.of("../docs/schema/approvalpolicy.schema.json")));
  }

  /** The example, and what it would be with the fields that exclude some of its own. */
  private static List<JsonNode> examples() throws IOException {
    JsonNode example =
        YAML.readTree(Files.readString(Path.of("../examples/policies/everything.yaml")));
    JsonNode other = example.deepCopy();
    ((ObjectNode) other.at("/spec/renewal/kubeletCertificateAuthority"))
        .removeAll()
        .putObject("file")
        .put("path", "/etc/countersign/kubelet-ca.crt");
    return List.of(example, other);
  }

  /** The parser names every field it knows where it meets one that it does not. */
  @Test
  void everyObject_hasTheSameFieldsInTheSchemaAndInTheParser() throws IOException {
    Map<String, Set<String>> published = new TreeMap<>();
    published(schema(), "", published);
    Map<String, Set<String>> known = new TreeMap<>();
    for (JsonNode policy : examples()) {
      disturb(policy);
      for (ParseError error : errors(YAML.writeValueAsString(policy))) {
        Matcher matcher = ONE_OF.matcher(error.message());
        assertThat(matcher.matches()).as(error.message()).isTrue();
        known
            .computeIfAbsent(matcher.group(1).replaceAll("\\[\\d+]", "[]"), _ -> new TreeSet<>())
            .addAll(List.of(matcher.group(2).split(", ", -1)));
      }
    }
    assertThat(known).isEqualTo(published).hasSizeGreaterThan(16);
  }

  @Test
  void everyField_isInTheExample() throws IOException {
    Map<String, Set<String>> published = new TreeMap<>();
    published(schema(), "", published);
    Map<String, Set<String>> shown = new TreeMap<>();
    for (JsonNode policy : examples()) {
      shown(policy, "", shown);
    }
    // Kubernetes' own, whose fields are not ours to list.
    shown.remove("metadata");
    assertThat(shown).isEqualTo(published);
  }

  private static List<ParseError> errors(String text) {
    return switch (ApprovalPolicyFile.parse(text)) {
      case ParseResult.Parsed<PolicyConfig> _ -> List.of();
      case ParseResult.Refused<PolicyConfig>(List<ParseError> errors) -> errors;
    };
  }

  private static String below(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static void published(JsonNode schema, String path, Map<String, Set<String>> into) {
    if (schema.has("properties")) {
      assertThat(schema.path("additionalProperties").toString()).as(path).isEqualTo("false");
      Set<String> names = new TreeSet<>();
      schema
          .path("properties")
          .properties()
          .forEach(
              field -> {
                names.add(field.getKey());
                published(field.getValue(), below(path, field.getKey()), into);
              });
      into.put(path, names);
    }
    if (schema.has("items")) {
      published(schema.path("items"), path + "[]", into);
    }
  }

  private static void shown(JsonNode value, String path, Map<String, Set<String>> into) {
    if (value.isObject()) {
      Set<String> names = into.computeIfAbsent(path, _ -> new TreeSet<>());
      value
          .properties()
          .forEach(
              field -> {
                names.add(field.getKey());
                shown(field.getValue(), below(path, field.getKey()), into);
              });
    }
    if (value.isArray()) {
      value.forEach(item -> shown(item, path + "[]", into));
    }
  }

  private static void disturb(JsonNode value) {
    value.forEach(ApprovalPolicySchemaTest::disturb);
    if (value instanceof ObjectNode object) {
      object.put("zzzzzz", 1);
    }
  }
}
