package dev.countersign.cli.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;

/**
 * Results for scripts: maps, lists, strings, numbers and booleans as JSON or YAML in ASCII, with
 * everything else escaped as these formats do it: no text in them steers a terminal.
 */
public final class Document {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  private Document() {}

  private static YAMLMapper yaml() {
    DumperOptions ascii = new DumperOptions();
    ascii.setAllowUnicode(false);
    return YAMLMapper.builder(
            YAMLFactory.builder()
                .dumperOptions(ascii)
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .build())
        .build();
  }

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
        // DEL is ASCII, which Jackson leaves as it is.
        case JSON -> JSON.writeValueAsString(document).replace("\u007f", "\\u007f") + "\n";
        case YAML -> yaml().writeValueAsString(document);
        case TABLE -> throw new IllegalArgumentException("a table is not a document");
      };
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of strings are always writable", e);
    }
  }
}
