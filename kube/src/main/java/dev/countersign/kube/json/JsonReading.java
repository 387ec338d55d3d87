package dev.countersign.kube.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Helpers to walk over a JSON stream. All leave the parser at the last token of what they read. */
public final class JsonReading {
  /** Reads the value of one field; one it does not touch is skipped. */
  @FunctionalInterface
  public interface FieldReader {
    /** Called with the parser at the first token of the value of field {@code name}. */
    void read(String name) throws IOException;
  }

  /** Reads one element of an array; one it does not touch is skipped. */
  @FunctionalInterface
  public interface ElementReader {
    /** Called with the parser at the first token of the element. */
    void read() throws IOException;
  }

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(200)
                  .maxStringLength(8 * 1024 * 1024)
                  .build())
          .build();

  /** The form of most times, a 0 for each digit. */
  private static final String WHOLE_SECONDS = "0000-00-00T00:00:00Z";

  private JsonReading() {}

  /** A parser over a stream, which it does not close. */
  public static JsonParser parser(InputStream in) throws IOException {
    JsonParser parser = FACTORY.createParser(in);
    parser.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
    return parser;
  }

  /** Decodes a stream that holds exactly one object. */
  public static <T> T one(InputStream in, JsonDecoder<T> decoder) throws IOException {
    try (JsonParser parser = parser(in)) {
      parser.nextToken();
      return decoder.decode(parser);
    }
  }

  /** Walks over the fields of the object at the parser; {@code null} counts as an empty object. */
  public static void object(JsonParser parser, FieldReader reader) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    expect(parser, JsonToken.START_OBJECT, "an object");
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      reader.read(name);
      skipIfUntouched(parser);
    }
    expect(parser, JsonToken.END_OBJECT, "the end of an object");
  }

  /** Walks over the elements of the array at the parser; {@code null} counts as an empty array. */
  public static void array(JsonParser parser, ElementReader reader) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    expect(parser, JsonToken.START_ARRAY, "a list");
    while (true) {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.END_ARRAY) {
        return;
      }
      if (token == null) {
        throw new JsonParseException(parser, "the text ends inside a list");
      }
      reader.read();
      skipIfUntouched(parser);
    }
  }

  /** The string at the parser; {@code null} counts as empty, as for Kubernetes. */
  public static String string(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return "";
    }
    expect(parser, JsonToken.VALUE_STRING, "a string");
    return parser.getText();
  }

  /** The string below the object at the parser, by the names of the fields to it. */
  public static Optional<String> stringAt(JsonParser parser, String first, String... more)
      throws IOException {
    var found =
        new Object() {
          Optional<String> text = Optional.empty();
        };
    object(
        parser,
        field -> {
          if (field.equals(first)) {
            found.text =
                more.length == 0
                    ? Optional.of(string(parser))
                    : stringAt(parser, more[0], Arrays.copyOfRange(more, 1, more.length));
          }
        });
    return found.text;
  }

  /**
   * The time at the parser: RFC 3339 in UTC as Kubernetes writes it, whole seconds or fractions.
   * {@code null} and the empty string count as 1970.
   */
  public static Instant time(JsonParser parser) throws IOException {
    String text = string(parser);
    if (text.isEmpty()) {
      return Instant.EPOCH;
    }
    try {
      return isWholeSeconds(text)
          ? LocalDateTime.of(
                  digits(text, 0, 4),
                  digits(text, 5, 7),
                  digits(text, 8, 10),
                  digits(text, 11, 13),
                  digits(text, 14, 16),
                  digits(text, 17, 19))
              .toInstant(ZoneOffset.UTC)
          : Instant.parse(text);
    } catch (DateTimeException e) {
      throw unexpected(parser, "a time");
    }
  }

  /** Every object has such a time, and a formatter takes several times as long over it. */
  private static boolean isWholeSeconds(String text) {
    if (text.length() != WHOLE_SECONDS.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char want = WHOLE_SECONDS.charAt(i);
      char c = text.charAt(i);
      if (want == '0' ? c < '0' || c > '9' : c != want) {
        return false;
      }
    }
    return true;
  }

  private static int digits(String text, int from, int to) {
    return Integer.parseInt(text, from, to, 10);
  }

  /** The whole number at the parser. */
  public static long number(JsonParser parser) throws IOException {
    expect(parser, JsonToken.VALUE_NUMBER_INT, "a whole number");
    return parser.getLongValue();
  }

  /** The list of strings at the parser. */
  public static List<String> strings(JsonParser parser) throws IOException {
    List<String> all = new ArrayList<>(4);
    array(parser, () -> all.add(string(parser)));
    return List.copyOf(all);
  }

  /** The object of strings at the parser, in its order. */
  public static Map<String, String> stringMap(JsonParser parser) throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    object(parser, name -> all.put(name, string(parser)));
    return all;
  }

  /** A decoder for answers whose content does not matter. */
  public static Boolean skipped(JsonParser parser) throws IOException {
    parser.skipChildren();
    return Boolean.TRUE;
  }

  private static void skipIfUntouched(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
      parser.skipChildren();
    }
  }

  private static void expect(JsonParser parser, JsonToken token, String what) throws IOException {
    if (parser.currentToken() != token) {
      throw unexpected(parser, what);
    }
  }

  private static IOException unexpected(JsonParser parser, String want) throws IOException {
    JsonToken got = parser.currentToken();
    return new JsonParseException(
        parser,
        parser.getParsingContext().pathAsPointer()
            + ": got "
            + (got == null ? "the end of the text" : got.toString())
            + "; want "
            + want);
  }
}
