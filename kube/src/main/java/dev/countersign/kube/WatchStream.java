package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.kube.http.HttpResponse;
import dev.countersign.kube.json.JsonDecoder;
import dev.countersign.kube.json.JsonReading;
import java.io.IOException;
import java.util.Optional;

/** The events of one watch, in order. Used by one thread; {@link #abort} is for any thread. */
public final class WatchStream implements AutoCloseable {
  /** One event. */
  public sealed interface Event<T> {
    /** An object was added, or existed when a watch began without a version. */
    record Added<T>(T object) implements Event<T> {}

    /** An object was changed. */
    record Modified<T>(T object) implements Event<T> {}

    /** An object was deleted, or no longer fits the selector. */
    record Deleted<T>(T object) implements Event<T> {}

    /** Everything up to this version has been sent. */
    record Bookmark<T>(String resourceVersion) implements Event<T> {}

    /** The watch is over; 410 means that a new list is needed. */
    record Failed<T>(ApiStatus status) implements Event<T> {}
  }

  private final HttpResponse response;
  private final JsonParser parser;

  WatchStream(HttpResponse response) throws IOException {
    this.response = response;
    this.parser = JsonReading.parser(response.body());
  }

  /**
   * The next event; empty when the server ended the watch.
   *
   * @throws IOException when the connection broke, was silent for too long, or its text is no watch
   *     event
   */
  public <T> Optional<Event<T>> next(JsonDecoder<T> decoder) throws IOException {
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
            case "object" -> fields.event = Optional.of(event(fields.type, decoder));
            default -> {}
          }
        });
    if (fields.event.isEmpty()) {
      throw new IOException("watch event: got no object; want one");
    }
    return fields.event;
  }

  private <T> Event<T> event(String type, JsonDecoder<T> decoder) throws IOException {
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

  /** Ends the watch from another thread. */
  public void abort() {
    response.abort();
  }

  @Override
  public void close() {
    response.abort();
  }
}
