package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.kube.json.JsonReading;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A refusal by the API server, from its {@code Status} object.
 *
 * @param code the HTTP status code
 * @param reason the machine-readable reason
 * @param message the server's words, escaped and cut to 300 characters
 * @param retryAfter how long the server asks us to wait
 */
public record ApiStatus(
    int code, StatusReason reason, String message, Optional<Duration> retryAfter) {
  private static final int MESSAGE_LIMIT = 300;

  /** Checks that nothing is missing. */
  public ApiStatus {
    Objects.requireNonNull(reason);
    message = escape(message);
    Objects.requireNonNull(retryAfter);
  }

  /** Whether the same request may well succeed later without any change. */
  public boolean transientFault() {
    return switch (reason) {
      case TOO_MANY_REQUESTS, SERVER_TIMEOUT, TIMEOUT, INTERNAL_ERROR, SERVICE_UNAVAILABLE -> true;
      case OTHER -> code >= 500;
      case UNAUTHORIZED,
          FORBIDDEN,
          NOT_FOUND,
          ALREADY_EXISTS,
          CONFLICT,
          GONE,
          EXPIRED,
          INVALID,
          BAD_REQUEST ->
          false;
    };
  }

  /** Reads a Status object at the parser. */
  static ApiStatus decode(JsonParser parser, int httpCode, Optional<Duration> retryAfterHeader)
      throws IOException {
    var fields =
        new Object() {
          int code = httpCode;
          String reason = "";
          String message = "";
          Optional<Duration> retryAfter = retryAfterHeader;
        };
    JsonReading.object(
        parser,
        name -> {
          switch (name) {
            case "code" -> fields.code = (int) JsonReading.number(parser);
            case "reason" -> fields.reason = JsonReading.string(parser);
            case "message" -> fields.message = JsonReading.string(parser);
            case "details" ->
                JsonReading.object(
                    parser,
                    detail -> {
                      if (detail.equals("retryAfterSeconds") && fields.retryAfter.isEmpty()) {
                        fields.retryAfter =
                            Optional.of(Duration.ofSeconds(JsonReading.number(parser)));
                      }
                    });
            default -> {}
          }
        });
    return new ApiStatus(
        fields.code,
        StatusReason.of(fields.reason, fields.code),
        fields.message,
        fields.retryAfter);
  }

  /** The status an answer stands for, whether or not its body is a Status object. */
  static ApiStatus of(int code, byte[] body, Optional<Duration> retryAfter) {
    if (body.length > 0 && body[0] == '{') {
      try {
        return JsonReading.one(
            new ByteArrayInputStream(body), parser -> decode(parser, code, retryAfter));
      } catch (IOException e) {
        // Not a Status object after all; its text is all there is to report.
      }
    }
    String text = new String(body, StandardCharsets.UTF_8).strip();
    return new ApiStatus(code, StatusReason.of("", code), text, retryAfter);
  }

  private static String escape(String text) {
    StringBuilder out = new StringBuilder();
    int length = Math.min(text.length(), MESSAGE_LIMIT);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return text.length() > MESSAGE_LIMIT ? out.append("…").toString() : out.toString();
  }

  @Override
  public String toString() {
    return code + " " + reason + (message.isEmpty() ? "" : ": " + message);
  }
}
