package dev.countersign.kube;

/**
 * Why an API server refused, from {@code metav1.StatusReason}
 * (k8s.io/apimachinery/pkg/apis/meta/v1/types.go); only those that a caller treats differently.
 */
public enum StatusReason {
  /** 401: not accepted as anybody. */
  UNAUTHORIZED("Unauthorized"),
  /** 403: known, and not allowed. */
  FORBIDDEN("Forbidden"),
  /** 404: no such object, or no such resource. */
  NOT_FOUND("NotFound"),
  /** 409 on create. */
  ALREADY_EXISTS("AlreadyExists"),
  /** 409 on update: the resource version is not the latest. */
  CONFLICT("Conflict"),
  /** 410: no longer there. */
  GONE("Gone"),
  /** 410: the resource version or continue token is too old. */
  EXPIRED("Expired"),
  /** 422: the object breaks a rule. */
  INVALID("Invalid"),
  /** 429: asked too much. */
  TOO_MANY_REQUESTS("TooManyRequests"),
  /** 500 with a request to try again. */
  SERVER_TIMEOUT("ServerTimeout"),
  /** 504: not finished in time. */
  TIMEOUT("Timeout"),
  /** 500. */
  INTERNAL_ERROR("InternalError"),
  /** 503. */
  SERVICE_UNAVAILABLE("ServiceUnavailable"),
  /** 400. */
  BAD_REQUEST("BadRequest"),
  /** Anything else, or an answer that is no Status object. */
  OTHER("");

  private final String text;

  StatusReason(String text) {
    this.text = text;
  }

  /** The reason of a Status object; where it has none, the one its HTTP code stands for. */
  static StatusReason of(String reason, int code) {
    for (StatusReason known : values()) {
      if (!reason.isEmpty() && known.text.equals(reason)) {
        return known;
      }
    }
    return switch (code) {
      case 400 -> BAD_REQUEST;
      case 401 -> UNAUTHORIZED;
      case 403 -> FORBIDDEN;
      case 404 -> NOT_FOUND;
      case 409 -> CONFLICT;
      case 410 -> EXPIRED;
      case 422 -> INVALID;
      case 429 -> TOO_MANY_REQUESTS;
      case 500 -> INTERNAL_ERROR;
      case 503 -> SERVICE_UNAVAILABLE;
      case 504 -> TIMEOUT;
      default -> OTHER;
    };
  }
}
