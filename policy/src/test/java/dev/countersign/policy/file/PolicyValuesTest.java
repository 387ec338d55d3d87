package dev.countersign.policy.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.InputFormat;
import dev.countersign.common.document.ApiVersions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The policy's reader and its schema, which is the chart's, refuse the same values. */
class PolicyValuesTest {
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final Path VALUES = Path.of("src/test/resources/policy-values/values.yaml");

  /** A policy with one value. */
  record Given(String field, JsonNode value) {
    String policy() {
      ObjectNode root = JsonNodeFactory.instance.objectNode();
      root.put("apiVersion", ApiVersions.V1ALPHA1).put("kind", ApprovalPolicyFile.KIND);
      ObjectNode at = root.putObject("spec");
      String[] names = field.replace("[]", "").split("\\.", -1);
      for (int i = 0; i < names.length - 1; i++) {
        at = at.putObject(names[i]);
      }
      String last = names[names.length - 1];
      if (field.endsWith("[]")) {
        at.putArray(last).add(value);
      } else {
        at.set(last, value);
      }
      return root.toString();
    }

    @Override
    public String toString() {
      return field + ": " + value;
    }
  }

  private static Stream<Given> given(String section) throws IOException {
    List<Given> all = new ArrayList<>();
    for (var field : YAML.readTree(Files.readString(VALUES)).path(section).properties()) {
      field.getValue().forEach(value -> all.add(new Given(field.getKey(), value)));
    }
    return all.stream();
  }

  static Stream<Given> refused() throws IOException {
    return given("refused");
  }

  static Stream<Given> accepted() throws IOException {
    return given("accepted");
  }

  @ParameterizedTest
  @MethodSource("refused")
  void value_isRefusedByReaderAndSchema(Given given) {
    assertThat(ApprovalPolicyFileTest.errors(given.policy())).as("reader").isNotEmpty();
    assertThat(ApprovalPolicyFileTest.SCHEMA.validate(given.policy(), InputFormat.JSON))
        .as("schema")
        .isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void value_isAcceptedByReaderAndSchema(Given given) {
    assertThat(ApprovalPolicyFileTest.errors(given.policy())).as("reader").isEmpty();
    assertThat(ApprovalPolicyFileTest.SCHEMA.validate(given.policy(), InputFormat.JSON))
        .as("schema")
        .isEmpty();
  }
}
