package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.kube.json.JsonDecoder;
import dev.countersign.kube.json.JsonReading;
import java.io.IOException;
import java.io.InputStream;

/** Watch events in JSON, one object after the other. */
final class JsonEvents<T> extends WatchEvents<T> {
  private final JsonParser parser;
  private final JsonDecoder<T> decoder;

  JsonEvents(InputStream in, JsonDecoder<T> decoder) throws IOException {
    this.parser = JsonReading.parser(in);
    this.decoder = decoder;
  }

  @Override
  boolean atEnd() throws IOException {
    return parser.nextToken() == null;
  }

  @Override
  void read() throws IOException {
    JsonReading.object(
        parser,
        name -> {
          switch (name) {
            case "type" -> typeIs(JsonReading.string(parser));
            case "object" -> readObject();
            default -> {}
          }
        });
  }

  @Override
  T object() throws IOException {
    return decoder.decode(parser);
  }

  @Override
  ApiStatus status() throws IOException {
    return ApiStatus.decode(parser);
  }

  @Override
  String resourceVersion() throws IOException {
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
