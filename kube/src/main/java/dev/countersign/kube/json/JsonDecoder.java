package dev.countersign.kube.json;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/** Turns the JSON object at the parser's position into a value. */
@FunctionalInterface
public interface JsonDecoder<T> {
  /**
   * Reads one object. The parser stands at its {@code START_OBJECT} and must be left at the
   * matching {@code END_OBJECT}.
   *
   * @throws IOException when the text is no JSON or a value has another type than expected
   */
  T decode(JsonParser parser) throws IOException;
}
