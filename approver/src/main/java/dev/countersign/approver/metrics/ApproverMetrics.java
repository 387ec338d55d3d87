package dev.countersign.approver.metrics;

import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.http.HttpRequest;
import dev.countersign.policy.decision.Reason;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Everything that is counted; documented in {@code docs/reference/metrics.md}. Thread-safe. */
public final class ApproverMetrics implements ApiObserver {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter decisions =
      Counter.builder()
          .name("countersign_decisions_total")
          .help("Verdicts written, or held for the first time, by verdict and first reason.")
          .labelNames("verdict", "reason")
          .register(registry);
  private final Histogram sinceCreation =
      Histogram.builder()
          .name("countersign_approval_latency_seconds")
          .help("From a request's creation time stamp (whole seconds) to its approval.")
          .classicUpperBounds(0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800)
          .classicOnly()
          .register(registry);
  private final Histogram sinceSeen =
      Histogram.builder()
          .name("countersign_decision_duration_seconds")
          .help("From the moment a request was first seen here to its verdict being written.")
          .classicUpperBounds(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300)
          .classicOnly()
          .register(registry);
  private final Counter watchRestarts =
      Counter.builder()
          .name("countersign_watch_restarts_total")
          .help("Watches opened again, by collection and whether they had ended as they should.")
          .labelNames("collection", "cause")
          .register(registry);
  private final Counter requests =
      Counter.builder()
          .name("countersign_api_requests_total")
          .help("Requests to the API server, by method and status code; 0 is no answer.")
          .labelNames("method", "code")
          .register(registry);
  private final Counter writeProblems =
      Counter.builder()
          .name("countersign_write_problems_total")
          .help("Verdicts that could not be written at once, by kind of problem.")
          .labelNames("problem")
          .register(registry);
  private final Counter events =
      Counter.builder()
          .name("countersign_events_total")
          .help("Events by what became of them.")
          .labelNames("outcome")
          .register(registry);
  private final Counter reloads =
      Counter.builder()
          .name("countersign_policy_reloads_total")
          .help("New versions of the policy file, by whether they were taken.")
          .labelNames("outcome")
          .register(registry);

  /** Counts a verdict. */
  public void decided(String verdict, String reason) {
    decisions.labelValues(verdict, reason).inc();
  }

  /** Measures an approval. */
  public void approved(Duration sinceCreationStamp, Duration sinceFirstSeen) {
    sinceCreation.observe(Math.max(0, sinceCreationStamp.toNanos() / 1e9));
    sinceSeen.observe(sinceFirstSeen.toNanos() / 1e9);
  }

  /** Counts a watch that was opened again. */
  public void watchRestarted(String collection, boolean orderly) {
    watchRestarts.labelValues(collection, orderly ? "ended" : "broken").inc();
  }

  /** Counts a verdict that could not be written at once. */
  public void writeProblem(String problem) {
    writeProblems.labelValues(problem).inc();
  }

  /** Counts an Event that was written, merged or dropped. */
  public void event(String outcome) {
    events.labelValues(outcome).inc();
  }

  /** Counts a new version of the policy file. */
  public void policyReload(boolean taken) {
    reloads.labelValues(taken ? "taken" : "refused").inc();
  }

  @Override
  public void answered(HttpRequest.Method method, int code, Duration took) {
    requests.labelValues(method.name(), Integer.toString(code)).inc();
  }

  /** Shows a number that is asked for at each scrape. */
  public void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /** Shows a count that is kept elsewhere. */
  public void counter(String name, String help, LongSupplier value) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call((double) value.getAsLong()))
        .register(registry);
  }

  /** Shows how many requests are held for each reason. */
  public void held(Supplier<Map<Reason, Integer>> byReason) {
    GaugeWithCallback.builder()
        .name("countersign_held_requests")
        .help("Requests that wait for facts to change, by first reason.")
        .labelNames("reason")
        .callback(
            callback -> byReason.get().forEach((reason, n) -> callback.call(n, reason.camelCase())))
        .register(registry);
  }

  /** Writes everything in the Prometheus text format, version 0.0.4. */
  public void write(OutputStream out) throws IOException {
    PrometheusTextFormatWriter.builder().build().write(out, registry.scrape());
  }
}
