package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.CodedInputStream;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.proto.ProtoReading;
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

  /** The fields of a Status object in protobuf, as far as they were read. */
  private static final class Fields {
    private int code;
    private String reason = "";
    private String message = "";
    private Optional<Duration> retryAfter;

    Fields(int code, Optional<Duration> retryAfter) {
      this.code = code;
      this.retryAfter = retryAfter;
    }

    ApiStatus read(CodedInputStream in) throws IOException {
      ProtoReading.fields(in, field -> read(field, in));
      return status();
    }

    private void read(int field, CodedInputStream in) throws IOException {
      switch (field) {
        case 3 -> message = ProtoReading.string(in);
        case 4 -> reason = ProtoReading.string(in);
        case 5 ->
            ProtoReading.fieldsOfMessage(
                in,
                detail -> {
                  if (detail == 5) {
                    long seconds = ProtoReading.number(in);
                    if (seconds > 0 && retryAfter.isEmpty()) {
                      retryAfter = Optional.of(Duration.ofSeconds(seconds));
                    }
                  }
                });
        case 6 -> code = (int) ProtoReading.number(in);
        default -> {}
      }
    }

    ApiStatus status() {
      return new ApiStatus(code, StatusReason.of(reason, code), message, retryAfter);
    }
  }

  /** Reads the fields of a Status object. */
  static ApiStatus decodeProtobuf(CodedInputStream in) throws IOException {
    return new Fields(0, Optional.empty()).read(in);
  }

  /** The status an answer stands for, whether or not its body is a Status object. */
  static ApiStatus of(int code, byte[] body, Optional<Duration> retryAfter) {
    if (ProtoReading.isObject(body)) {
      Fields fields = new Fields(code, retryAfter);
      try {
        return ProtoReading.object(
            ProtoReading.reader(new ByteArrayInputStream(body)), fields::read);
      } catch (IOException e) {
        // Cut, perhaps, in a list of causes that is too long for us: what came before it counts.
        return fields.status();
      }
    }
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
