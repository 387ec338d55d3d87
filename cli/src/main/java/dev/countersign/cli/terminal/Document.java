package dev.countersign.cli.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;
import java.util.Map;

/**
 * Results for scripts: maps, lists, strings, numbers and booleans as JSON or YAML. Both escape
 * control characters by themselves.
 */
public final class Document {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Document() {}

  /**
   * Prints a map.
   *
   * @throws IllegalArgumentException where {@code format} is {@link OutputFormat#TABLE}
   */
  public static void print(Console console, OutputFormat format, Map<String, ?> document) {
    console.out().print(text(format, document));
    console.out().flush();
  }

  /** A list of items under {@code items}, as kubectl has it. */
  public static void printItems(
      Console console, OutputFormat format, List<? extends Map<String, ?>> items) {
    print(console, format, Map.of("items", items));
  }

  /** The text of a map, a line break at its end. */
  public static String text(OutputFormat format, Map<String, ?> document) {
    try {
      return switch (format) {
        case JSON -> JSON.writeValueAsString(document) + "\n";
        case YAML ->
            YAMLMapper.builder()
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .build()
                .writeValueAsString(document);
        case TABLE -> throw new IllegalArgumentException("a table is not a document");
      };
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of strings are always writable", e);
    }
  }
}
