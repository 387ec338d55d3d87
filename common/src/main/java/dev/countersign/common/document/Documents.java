package dev.countersign.common.document;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.common.text.SafeText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * Reads YAML and JSON documents into trees, within bounds. A text that starts with a brace is read
 * as JSON, as kubectl does it: YAML admits fewer characters (YAML 1.1, section 5.1), and strings of
 * JSON hold any. Aliases ({@code *name}) are refused: the tree would hold their name as a text
 * instead of what they stand for. Only {@code true} and {@code false} are truth values: YAML 1.1's
 * yes, no, on and off are texts to readers of YAML 1.2.
 */
public final class Documents {
  /** Longest text that is read, in characters: lists of a large cluster's objects. */
  public static final int LONGEST = 16 * 1024 * 1024;

  /**
   * Longest text that a person writes, in characters, and more than a ConfigMap holds. SnakeYAML
   * takes time that grows with the square of one long word, half a second for one of this length
   * and two minutes for one of {@link #LONGEST}.
   */
  public static final int LONGEST_SETTINGS = 1024 * 1024;

  private static final ObjectReader YAML = yaml();
  private static final ObjectReader JSON = strict(new ObjectMapper());

  private Documents() {}

  private static ObjectReader yaml() {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setCodePointLimit(LONGEST);
    options.setMaxAliasesForCollections(0);
    options.setNestingDepthLimit(50);
    YAMLFactory factory =
        YAMLFactory.builder()
            .loaderOptions(options)
            .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
            .build();
    return strict(new ObjectMapper(factory));
  }

  private static ObjectReader strict(ObjectMapper mapper) {
    return mapper
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        // A version such as 1.30 is shown as it was written.
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .configure(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES, false)
        .reader()
        .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .forType(JsonNode.class);
  }

  /** All documents of a text; empty ones are left out. */
  public static ParseResult<List<JsonNode>> all(String text) {
    return all(text, LONGEST);
  }

  private static ParseResult<List<JsonNode>> all(String text, int longest) {
    if (text.length() > longest) {
      return ParseResult.refused("file", text.length() + " characters", "at most " + longest);
    }
    if (!text.stripLeading().startsWith("{")) {
      return yaml(text);
    }
    List<JsonNode> documents = new ArrayList<>();
    // No string of JSON holds a line break, so such a line is a separator.
    for (String part : text.split("(?m)^---[ \\t]*$", -1)) {
      switch (jsonOrFlow(part)) {
        case ParseResult.Parsed<List<JsonNode>>(List<JsonNode> found) -> documents.addAll(found);
        case ParseResult.Refused<List<JsonNode>> refused -> {
          return refused;
        }
      }
    }
    return ParseResult.parsed(documents);
  }

  /** JSON; or else YAML, whose flow mappings look like it at their start. */
  private static ParseResult<List<JsonNode>> jsonOrFlow(String text) {
    ParseResult<List<JsonNode>> json = json(text);
    return json instanceof ParseResult.Refused
            && yaml(text) instanceof ParseResult.Parsed<List<JsonNode>> yaml
        ? yaml
        : json;
  }

  private static ParseResult<List<JsonNode>> json(String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      return documents(JSON, parser, "JSON without duplicate fields");
    } catch (IOException e) {
      throw new UncheckedIOException("a text is no file", e);
    }
  }

  private static ParseResult<List<JsonNode>> yaml(String text) {
    try (JsonParser parser = new WithoutAliases((YAMLParser) YAML.createParser(text))) {
      return documents(YAML, parser, "YAML or JSON without duplicate fields or aliases");
    } catch (IOException e) {
      throw new UncheckedIOException("a text is no file", e);
    }
  }

  private static ParseResult<List<JsonNode>> documents(
      ObjectReader reader, JsonParser parser, String want) {
    List<JsonNode> documents = new ArrayList<>();
    try {
      while (parser.nextToken() != null) {
        JsonNode value = reader.readTree(parser);
        if (!value.isNull() && !value.isMissingNode()) {
          documents.add(value);
        }
      }
      return ParseResult.parsed(documents);
    } catch (IOException | RuntimeException e) {
      String problem = firstLine(e);
      return problem.startsWith("Duplicate field ")
          ? new ParseResult.Refused<>(
              List.of(
                  new ParseError(
                      path(parser.getParsingContext()),
                      OptionalInt.of(parser.currentLocation().getLineNr()),
                      "the field a second time",
                      "each field once",
                      Optional.empty())))
          : ParseResult.refused(place(e), problem, want);
    }
  }

  /**
   * Gives errors of a text their lines, and sorts them by these. What is of an option, {@code
   * --name}, has none.
   */
  static List<ParseError> located(List<ParseError> errors, String text) {
    Map<String, Integer> lines = lines(text);
    return errors.stream()
        .map(error -> error.inLine(line(lines, error.path())))
        .distinct()
        .sorted(
            Comparator.comparingInt((ParseError error) -> error.line().orElse(0))
                .thenComparing(ParseError::path))
        .toList();
  }

  /** Returns the line of the path or, where nothing is there, of the nearest that encloses it. */
  private static OptionalInt line(Map<String, Integer> lines, String path) {
    if (path.startsWith("--")) {
      return OptionalInt.empty();
    }
    String there = path;
    while (!lines.containsKey(there) && !there.isEmpty()) {
      there =
          there.substring(0, Math.max(0, Math.max(there.lastIndexOf('.'), there.lastIndexOf('['))));
    }
    Integer line = lines.get(there);
    return line == null ? OptionalInt.empty() : OptionalInt.of(line);
  }

  /**
   * Returns the lines of all fields and items, counted from 1, by their paths. Where {@link #all}
   * read the documents of a text in different ways, one parser may not get to its end.
   */
  private static Map<String, Integer> lines(String text) {
    Map<String, Integer> lines = new HashMap<>();
    ObjectReader reader = json(text) instanceof ParseResult.Parsed ? JSON : YAML;
    try (JsonParser parser = reader.createParser(text)) {
      while (parser.nextToken() != null) {
        lines.putIfAbsent(
            path(parser.getParsingContext()), parser.currentTokenLocation().getLineNr());
      }
      return lines;
    } catch (IOException | RuntimeException e) {
      return lines;
    }
  }

  /** Returns where a parser is, as paths of errors are written: {@code spec.rules[0].name}. */
  private static String path(JsonStreamContext context) {
    if (context.inRoot()) {
      return "";
    }
    String parent = path(context.getParent());
    if (context.inArray()) {
      return context.hasCurrentIndex() ? parent + "[" + context.getCurrentIndex() + "]" : parent;
    }
    return context.getCurrentName() == null
        ? parent
        : SafeText.plain(Fields.below(parent, context.getCurrentName()));
  }

  /** The one document of a text. */
  public static ParseResult<JsonNode> one(String text) {
    return one(text, LONGEST);
  }

  /**
   * The one document of a text.
   *
   * @param longest the most characters that are read
   */
  public static ParseResult<JsonNode> one(String text, int longest) {
    return all(text, longest)
        .then(
            documents ->
                documents.size() == 1
                    ? ParseResult.parsed(documents.getFirst())
                    : ParseResult.refused("file", documents.size() + " documents", "one document"));
  }

  private static final class WithoutAliases extends JsonParserDelegate {
    private final YAMLParser yaml;

    WithoutAliases(YAMLParser yaml) {
      super(yaml);
      this.yaml = yaml;
    }

    @Override
    public @Nullable JsonToken nextToken() throws IOException {
      JsonToken token = yaml.nextToken();
      if (yaml.isCurrentAlias()) {
        throw new JsonParseException(yaml, "an alias");
      }
      return token;
    }
  }

  private static String place(Exception e) {
    return e instanceof JsonProcessingException read && read.getLocation() != null
        ? "line " + read.getLocation().getLineNr() + " column " + read.getLocation().getColumnNr()
        : "file";
  }

  private static String firstLine(Exception e) {
    String all =
        e instanceof JsonProcessingException read ? read.getOriginalMessage() : e.getMessage();
    return String.valueOf(all).lines().findFirst().orElse("");
  }
}
