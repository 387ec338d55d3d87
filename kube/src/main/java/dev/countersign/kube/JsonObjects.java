package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.countersign.kube.json.JsonDecoder;
import dev.countersign.kube.json.JsonReading;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** Objects in JSON. */
final class JsonObjects<T> extends ObjectDecoder<T> {
  private final JsonDecoder<T> decoder;

  JsonObjects(JsonDecoder<T> decoder) {
    this.decoder = decoder;
  }

  @Override
  public T read(InputStream body) throws IOException {
    return object(body, decoder);
  }

  @Override
  ListPage page(InputStream body, Consumer<? super T> items) throws IOException {
    return object(body, parser -> page(parser, items));
  }

  private static <V> V object(InputStream body, JsonDecoder<V> decoder) throws IOException {
    try (JsonParser parser = JsonReading.parser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException(ApiClient.NOT_AN_OBJECT);
      }
      return decoder.decode(parser);
    }
  }

  private ListPage page(JsonParser parser, Consumer<? super T> items) throws IOException {
    var fields =
        new Object() {
          String version = "";
          String token = "";
        };
    JsonReading.object(
        parser,
        name -> {
          switch (name) {
            case "metadata" ->
                JsonReading.object(
                    parser,
                    field -> {
                      switch (field) {
                        case "resourceVersion" -> fields.version = JsonReading.string(parser);
                        case "continue" -> fields.token = JsonReading.string(parser);
                        default -> {}
                      }
                    });
            case "items" -> JsonReading.array(parser, () -> items.accept(decoder.decode(parser)));
            default -> {}
          }
        });
    return new ListPage(fields.version, fields.token);
  }

  @Override
  WatchEvents<T> events(InputStream body) throws IOException {
    return new JsonEvents<>(body, decoder);
  }

  @Override
  String accept() {
    return ApiClient.JSON;
  }

  @Override
  boolean reads(String contentType) {
    // What is no JSON shows when it is read.
    return !contentType.startsWith(ApiClient.PROTOBUF);
  }
}
