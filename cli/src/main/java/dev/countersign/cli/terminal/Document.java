package dev.countersign.cli.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.countersign.common.document.ApiVersions;
import java.util.LinkedHashMap;
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

  /** Starts a document of a kind of ours, such as {@code Explanation}. */
  public static Map<String, Object> ofKind(String kind) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("apiVersion", ApiVersions.V1ALPHA1);
    document.put("kind", kind);
    return document;
  }

  /** A list of such documents, as kubectl has it. */
  public static Map<String, Object> list(List<? extends Map<String, ?>> items) {
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("apiVersion", "v1");
    list.put("kind", "List");
    list.put("items", items);
    return list;
  }

  /** Prints such a list. */
  public static void printItems(
      Console console, OutputFormat format, List<? extends Map<String, ?>> items) {
    print(console, format, list(items));
  }

  /** A value as JSON on one line. */
  public static String compact(Object value) {
    try {
      return plain(
          JSON.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of strings are always writable", e);
    }
  }

  // DEL is ASCII, which Jackson leaves as it is.
  private static String plain(String json) {
    return json.replace("\u007f", "\\u007f");
  }

  /** The text of a map, a line break at its end. */
  public static String text(OutputFormat format, Map<String, ?> document) {
    try {
      return switch (format) {
        case JSON -> plain(JSON.writeValueAsString(document)) + "\n";
        case YAML -> yaml().writeValueAsString(document);
        case TABLE -> throw new IllegalArgumentException("a table is not a document");
      };
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps of strings are always writable", e);
    }
  }
}
