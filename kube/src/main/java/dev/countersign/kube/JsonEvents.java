package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.kube.WatchStream.Event;
import dev.countersign.kube.json.JsonDecoder;
import dev.countersign.kube.json.JsonReading;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Watch events in JSON, one object after the other. */
final class JsonEvents<T> implements WatchStream.Events<T> {
  private final JsonParser parser;
  private final JsonDecoder<T> decoder;

  JsonEvents(InputStream in, JsonDecoder<T> decoder) throws IOException {
    this.parser = JsonReading.parser(in);
    this.decoder = decoder;
  }

  @Override
  public Optional<Event<T>> next() throws IOException {
    if (parser.nextToken() == null) {
      return Optional.empty();
    }
    var fields =
        new Object() {
          String type = "";
          Optional<Event<T>> event = Optional.empty();
        };
    JsonReading.object(
        parser,
        name -> {
          switch (name) {
            case "type" -> fields.type = JsonReading.string(parser);
            case "object" -> fields.event = Optional.of(event(fields.type));
            default -> {}
          }
        });
    if (fields.event.isEmpty()) {
      throw new IOException("watch event: got no object; want one");
    }
    return fields.event;
  }

  private Event<T> event(String type) throws IOException {
    return switch (type) {
      case "ADDED" -> new Event.Added<>(decoder.decode(parser));
      case "MODIFIED" -> new Event.Modified<>(decoder.decode(parser));
      case "DELETED" -> new Event.Deleted<>(decoder.decode(parser));
      case "BOOKMARK" -> new Event.Bookmark<>(resourceVersion());
      case "ERROR" -> new Event.Failed<>(ApiStatus.decode(parser, 0, Optional.empty()));
      default -> throw new IOException("watch event: got a type that is not known");
    };
  }

  private String resourceVersion() throws IOException {
    var fields =
        new Object() {
          String version = "";
        };
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new IOException("watch event: got no object; want one");
    }
    JsonReading.object(
        parser,
        name -> {
          if (name.equals("metadata")) {
            JsonReading.object(
                parser,
                field -> {
                  if (field.equals("resourceVersion")) {
                    fields.version = JsonReading.string(parser);
                  }
                });
          }
        });
    return fields.version;
  }
}
