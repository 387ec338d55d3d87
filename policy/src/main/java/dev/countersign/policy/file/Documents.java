package dev.countersign.policy.file;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;

/** Reads YAML (and so JSON) documents into trees, within bounds. */
final class Documents {
  /** Longest text that is read, in characters. */
  static final int LONGEST = 16 * 1024 * 1024;

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
    if (text.length() > LONGEST) {
      return refused("file", text.length() + " characters", "at most " + LONGEST);
    }
    List<JsonNode> documents = new ArrayList<>();
    try (JsonParser parser = READER.createParser(text)) {
      while (parser.nextToken() != null) {
        JsonNode value = READER.readTree(parser);
        if (!value.isNull() && !value.isMissingNode()) {
          documents.add(value);
        }
      }
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? "file"
              : "line " + e.getLocation().getLineNr() + " column " + e.getLocation().getColumnNr();
      return refused(
          where, firstLine(e.getOriginalMessage()), "YAML or JSON without duplicate fields");
    } catch (IOException | RuntimeException e) {
      return refused("file", firstLine(e.getMessage()), "YAML or JSON");
    }
    return new FileParse.Parsed<>(documents);
  }

  /** The one document of a text. */
  static FileParse<JsonNode> one(String text) {
    return switch (all(text)) {
      case FileParse.Parsed<List<JsonNode>>(List<JsonNode> documents) ->
          documents.size() == 1
              ? new FileParse.Parsed<>(documents.getFirst())
              : refused("file", documents.size() + " documents", "one document");
      case FileParse.Refused<List<JsonNode>>(List<FileError> errors) ->
          new FileParse.Refused<>(errors);
    };
  }

  private static String firstLine(@Nullable String text) {
    return text == null ? "something unreadable" : text.lines().findFirst().orElse("");
  }

  private static <T> FileParse<T> refused(String path, String got, String want) {
    return new FileParse.Refused<>(List.of(new FileError(path, got, want, Optional.empty())));
  }
}
