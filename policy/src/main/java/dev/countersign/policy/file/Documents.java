package dev.countersign.policy.file;

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
 * Reads YAML (and so JSON) documents into trees, within bounds. Aliases ({@code *name}) are
 * refused: the tree would hold their name as a text instead of what they stand for.
 */
final class Documents {
  /** Longest text that is read, in characters: lists of a large cluster's objects. */
  static final int LONGEST = 16 * 1024 * 1024;

  /**
   * Longest text that a person writes, in characters, and more than a ConfigMap holds. SnakeYAML
   * takes time that grows with the square of one long word, half a second for one of this length
   * and two minutes for one of {@link #LONGEST}.
   */
  static final int LONGEST_SETTINGS = 1024 * 1024;

  private static final ObjectReader READER = reader();

  private Documents() {}

  private static ObjectReader reader() {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setCodePointLimit(LONGEST);
    options.setMaxAliasesForCollections(0);
    options.setNestingDepthLimit(50);
    YAMLFactory factory = YAMLFactory.builder().loaderOptions(options).build();
    return new ObjectMapper(factory)
        .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
        .reader()
        .with(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .forType(JsonNode.class);
  }

  /** All documents of a text; empty ones are left out. */
  static FileParse<List<JsonNode>> all(String text) {
    return all(text, LONGEST);
  }

  private static FileParse<List<JsonNode>> all(String text, int longest) {
    if (text.length() > longest) {
      return refused("file", text.length() + " characters", "at most " + longest);
    }
    List<JsonNode> documents = new ArrayList<>();
    try (JsonParser parser = new WithoutAliases((YAMLParser) READER.createParser(text))) {
      while (parser.nextToken() != null) {
        JsonNode value = READER.readTree(parser);
        if (!value.isNull() && !value.isMissingNode()) {
          documents.add(value);
        }
      }
    } catch (IOException | RuntimeException e) {
      return refused(place(e), firstLine(e), "YAML or JSON without duplicate fields or aliases");
    }
    return new FileParse.Parsed<>(documents);
  }

  /** The one document of a text. */
  static FileParse<JsonNode> one(String text) {
    return one(text, LONGEST);
  }

  /** The one document of a text that a person writes. */
  static FileParse<JsonNode> settings(String text) {
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
