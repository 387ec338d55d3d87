package dev.countersign.scenarios.remedies;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.countersign.cli.Countersign;
import dev.countersign.cli.terminal.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the pages for operators name is there, spelt as it is. */
class InstructionsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<String> commandsOfOurs() throws IOException {
    return Instructions.commands().stream().filter(line -> line.startsWith("countersign "));
  }

  @ParameterizedTest
  @MethodSource("commandsOfOurs")
  void command_parses_asItIsPrinted(String line) {
    List<String> words = List.of(line.replaceFirst(" \\|.*", "").split(" ", -1));
    PrintWriter nowhere = new PrintWriter(new StringWriter(), true);
    CommandLine.ParseResult parsed =
        Countersign.complete(Console.plain(nowhere, nowhere))
            .parseArgs(words.subList(1, words.size()).toArray(String[]::new));
    while (parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
    }
    assertThat(parsed.commandSpec().subcommands()).as("a command, not a group").isEmpty();
  }

  @Test
  void pages_nameCommandsOfBothPrograms() throws IOException {
    assertThat(Instructions.commands())
        .contains(
            "countersign node addresses --assign ADDRESS=NODE",
            "countersign csr approve NAME --reason TEXT --force",
            "countersign node addresses NODE",
            "kubectl -n countersign-system get pods -o wide")
        .hasSizeGreaterThan(30);
  }

  static Stream<String> fields() throws IOException {
    return Instructions.fields().stream().distinct();
  }

  @ParameterizedTest
  @MethodSource("fields")
  void field_isOfThePolicyOrTheChart(String field) throws IOException {
    String path = field.replaceFirst(":.*", "");
    if (path.startsWith("status.")) {
      return;
    }
    JsonNode policy =
        JSON.readTree(Path.of("../docs/schema/approvalpolicy.schema.json").toFile())
            .at("/properties/spec");
    JsonNode chart =
        JSON.readTree(Path.of("../deploy/helm/countersign/values.schema.json").toFile());
    assertThat(has(policy, path) || has(chart, path)).as(field).isTrue();
  }

  private static boolean has(JsonNode schema, String path) {
    return !schema.at("/properties/" + path.replace(".", "/properties/")).isMissingNode();
  }
}
