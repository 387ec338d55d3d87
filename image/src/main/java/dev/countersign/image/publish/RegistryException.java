package dev.countersign.image.publish;

import java.io.IOException;

/** A registry answered something else than what the protocol has for success. */
public final class RegistryException extends IOException {
  private static final long serialVersionUID = 1L;
  private final int status;

  RegistryException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** Whether the request itself was refused, for another reason than who sent it. */
  boolean isRefusal() {
    return status >= 400 && status < 500 && status != 401 && status != 403 && !mayPass(status);
  }

  /** Whether the same request may succeed a little later. */
  static boolean mayPass(int status) {
    return status == 408 || status == 429 || status >= 500;
  }
}
