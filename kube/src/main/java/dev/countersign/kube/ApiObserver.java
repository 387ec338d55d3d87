package dev.countersign.kube;

import dev.countersign.kube.http.HttpRequest;
import java.time.Duration;

/** Told of each request, for metrics. Called on the request's thread; must be quick. */
public interface ApiObserver {
  /** Does nothing. */
  ApiObserver NONE = (method, code, took) -> {};

  /**
   * A request has its answer's head.
   *
   * @param code the HTTP status, or 0 where there was no answer
   */
  void answered(HttpRequest.Method method, int code, Duration took);
}
