package dev.countersign.common.document;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * Reads YAML and JSON documents into trees, within bounds. A text that starts with a brace is read
 * as JSON, as kubectl does it: YAML admits fewer characters (YAML 1.1, section 5.1), and strings of
 * JSON hold any. Aliases ({@code *name}) are refused: the tree would hold their name as a text
 * instead of what they stand for.
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
    YAMLFactory factory = YAMLFactory.builder().loaderOptions(options).build();
    return strict(new ObjectMapper(factory));
  }

  private static ObjectReader strict(ObjectMapper mapper) {
    return mapper
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .reader()
        .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .forType(JsonNode.class);
  }

  /** All documents of a text; empty ones are left out. */
  public static FileParse<List<JsonNode>> all(String text) {
    return all(text, LONGEST);
  }

  private static FileParse<List<JsonNode>> all(String text, int longest) {
    if (text.length() > longest) {
      return refused("file", text.length() + " characters", "at most " + longest);
    }
    if (!text.stripLeading().startsWith("{")) {
      return yaml(text);
    }
    List<JsonNode> documents = new ArrayList<>();
    // No string of JSON holds a line break, so such a line is a separator.
    for (String part : text.split("(?m)^---[ \\t]*$", -1)) {
      switch (jsonOrFlow(part)) {
        case FileParse.Parsed<List<JsonNode>>(List<JsonNode> found) -> documents.addAll(found);
        case FileParse.Refused<List<JsonNode>> refused -> {
          return refused;
        }
      }
    }
    return new FileParse.Parsed<>(documents);
  }

  /** JSON; or else YAML, whose flow mappings look like it at their start. */
  private static FileParse<List<JsonNode>> jsonOrFlow(String text) {
    FileParse<List<JsonNode>> json = json(text);
    return json instanceof FileParse.Refused
            && yaml(text) instanceof FileParse.Parsed<List<JsonNode>> yaml
        ? yaml
        : json;
  }

  private static FileParse<List<JsonNode>> json(String text) {
    try (JsonParser parser = JSON.createParser(text)) {
      return new FileParse.Parsed<>(documents(JSON, parser));
    } catch (IOException | RuntimeException e) {
      return refused(place(e), firstLine(e), "JSON without duplicate fields");
    }
  }

  private static FileParse<List<JsonNode>> yaml(String text) {
    try (JsonParser parser = new WithoutAliases((YAMLParser) YAML.createParser(text))) {
      return new FileParse.Parsed<>(documents(YAML, parser));
    } catch (IOException | RuntimeException e) {
      return refused(place(e), firstLine(e), "YAML or JSON without duplicate fields or aliases");
    }
  }

  private static List<JsonNode> documents(ObjectReader reader, JsonParser parser)
      throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    while (parser.nextToken() != null) {
      JsonNode value = reader.readTree(parser);
      if (!value.isNull() && !value.isMissingNode()) {
        documents.add(value);
      }
    }
    return documents;
  }

  /** The one document of a text. */
  public static FileParse<JsonNode> one(String text) {
    return one(text, LONGEST);
  }

  /** The one document of a text that a person writes. */
  public static FileParse<JsonNode> settings(String text) {
    return one(text, LONGEST_SETTINGS);
  }

  private static FileParse<JsonNode> one(String text, int longest) {
    return switch (all(text, longest)) {
      case FileParse.Parsed<List<JsonNode>>(List<JsonNode> documents) ->
          documents.size() == 1
              ? new FileParse.Parsed<>(documents.getFirst())
              : refused("file", documents.size() + " documents", "one document");
      case FileParse.Refused<List<JsonNode>>(List<FileError> errors) ->
          new FileParse.Refused<>(errors);
    };
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

  private static <T> FileParse<T> refused(String path, String got, String want) {
    return new FileParse.Refused<>(List.of(new FileError(path, got, want, Optional.empty())));
  }
}
