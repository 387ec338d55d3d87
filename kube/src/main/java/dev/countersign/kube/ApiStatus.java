package dev.countersign.kube;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.common.text.SafeText;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.proto.Envelope;
import dev.countersign.kube.proto.Status;
import dev.countersign.kube.proto.StatusOrBuilder;
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

  /** The fields of a Status object, as far as they were read. */
  private static final class Fields {
    private int code;
    private String reason = "";
    private String message = "";
    private Optional<Duration> retryAfter;

    Fields(int code, Optional<Duration> retryAfterHeader) {
      this.code = code;
      this.retryAfter = retryAfterHeader;
    }

    ApiStatus read(JsonParser parser) throws IOException {
      JsonReading.object(parser, name -> read(name, parser));
      return status();
    }

    private void read(String name, JsonParser parser) throws IOException {
      switch (name) {
        case "code" -> code = (int) JsonReading.number(parser);
        case "reason" -> reason = JsonReading.string(parser);
        case "message" -> message = JsonReading.string(parser);
        case "details" ->
            JsonReading.object(
                parser,
                detail -> {
                  if (detail.equals("retryAfterSeconds") && retryAfter.isEmpty()) {
                    retryAfter = Optional.of(Duration.ofSeconds(JsonReading.number(parser)));
                  }
                });
        default -> {}
      }
    }

    ApiStatus status() {
      return new ApiStatus(code, StatusReason.of(reason, code), message, retryAfter);
    }
  }

  /** Reads a Status object at the parser, as a watch sends it. */
  static ApiStatus decode(JsonParser parser) throws IOException {
    return new Fields(0, Optional.empty()).read(parser);
  }

  /** What a Status object says, as a watch sends it. */
  static ApiStatus of(Status status) {
    return of(status, 0, Optional.empty());
  }

  private static ApiStatus of(StatusOrBuilder status, int code, Optional<Duration> retryAfter) {
    int said = status.hasCode() ? status.getCode() : code;
    // Written even where it is zero, which stands for none.
    int seconds = status.getDetails().getRetryAfterSeconds();
    return new ApiStatus(
        said,
        StatusReason.of(status.getReason(), said),
        status.getMessage(),
        retryAfter.isPresent() || seconds <= 0
            ? retryAfter
            : Optional.of(Duration.ofSeconds(seconds)));
  }

  /** The status an answer stands for, whether or not its body is a Status object. */
  static ApiStatus of(int code, byte[] body, Optional<Duration> retryAfter) {
    if (Envelope.isAround(body)) {
      Status.Builder status = Status.newBuilder();
      try {
        status.mergeFrom(Envelope.open(new ByteArrayInputStream(body)));
      } catch (IOException e) {
        // Cut, perhaps, in a list of causes that is too long for us: what came before it counts.
      }
      return of(status, code, retryAfter);
    }
    if (body.length > 0 && body[0] == '{') {
      try {
        return JsonReading.one(new ByteArrayInputStream(body), new Fields(code, retryAfter)::read);
      } catch (IOException e) {
        // Not a Status object after all; its text is all there is to report.
      }
    }
    String text = new String(body, StandardCharsets.UTF_8).strip();
    return new ApiStatus(code, StatusReason.of("", code), text, retryAfter);
  }

  private static String escape(String text) {
    return text.length() > MESSAGE_LIMIT
        ? SafeText.line(text.substring(0, MESSAGE_LIMIT)) + "…"
        : SafeText.line(text);
  }

  @Override
  public String toString() {
    return code + " " + reason + (message.isEmpty() ? "" : ": " + message);
  }
}
