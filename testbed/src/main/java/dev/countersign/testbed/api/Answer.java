package dev.countersign.testbed.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Objects;

/**
 * What an API server answered.
 *
 * @param status the HTTP status
 * @param body the JSON document; missing where the body was none
 */
public record Answer(int status, JsonNode body) {
  /** Null-checks. */
  public Answer {
    Objects.requireNonNull(body);
  }

  /** Whether it did what it was asked. */
  public boolean ok() {
    return status >= 200 && status < 300;
  }

  /** In an API server's own words, why not; empty where it gave none. */
  public String message() {
    return body.path("message").asText();
  }

  /** The body of an answer that must be good. */
  public JsonNode orThrow(String what) throws IOException {
    if (!ok()) {
      throw new IOException("%s: got HTTP status %d: %s".formatted(what, status, message()));
    }
    return body;
  }
}
