package dev.countersign.approver.metrics;

import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.status.EventRecorder;
import dev.countersign.common.command.Version;
import dev.countersign.kube.ApiObserver;
import dev.countersign.kube.http.HttpRequest;
import dev.countersign.policy.fact.FactKind;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Everything that is counted; documented by {@link Metric}. Thread-safe. */
public final class ApproverMetrics implements ApiObserver {
  /** Those that {@link Metric#WRITE_ERRORS} names. */
  private static final List<String> WRITE_ERRORS =
      List.of("conflict", "not_found", "forbidden", "too_many_requests", "unreachable", "bug");

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Counter decisions = counter(Metric.DECISIONS);
  private final Histogram sinceCreation =
      histogram(Metric.APPROVAL_LATENCY, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800);
  private final Histogram sinceSeen =
      histogram(
          Metric.DECISION_DURATION, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300);
  private final Counter watchRestarts = counter(Metric.WATCH_RESTARTS);
  private final Counter requests = counter(Metric.API_REQUESTS);
  private final Map<String, CounterDataPoint> answers = new ConcurrentHashMap<>();
  private final Counter writeProblems = counter(Metric.WRITE_ERRORS);
  private final Counter events = counter(Metric.EVENTS);
  private final Counter reloads = counter(Metric.POLICY_RELOADS);
  private final Counter leaderChanges = counter(Metric.LEADER_CHANGES);
  private final Counter addressRecordWrites = counter(Metric.ADDRESS_RECORD_WRITES);
  private final Counter lookups = counter(Metric.LOOKUPS);
  private final Counter displaced = counter(Metric.DISPLACED);
  private final Counter ignored = counter(Metric.IGNORED);
  private final Counter joins = counter(Metric.JOIN_DECISIONS);
  private volatile boolean policyGood = true;

  /** Metrics of one approver, with those of the process. */
  public ApproverMetrics() {
    String version = Version.text();
    // From zero on, or an alert would not see the first.
    for (PendingRequests.Bound bound : PendingRequests.Bound.values()) {
      displaced.initLabelValues(bound.text());
    }
    for (EventRecorder.Fate fate : EventRecorder.Fate.values()) {
      events.initLabelValues(fate.text());
    }
    for (String problem : WRITE_ERRORS) {
      writeProblems.initLabelValues(problem);
    }
    decisions.initLabelValues("approved", "");
    gauge(Metric.POLICY_GOOD, () -> policyGood ? 1 : 0);
    gauge(Metric.START_TIME, ProcessFigures::startSeconds);
    CounterWithCallback.builder()
        .name(Metric.CPU.text())
        .help(Metric.CPU.help())
        .callback(callback -> callback.call(ProcessFigures.cpuSeconds()))
        .register(registry);
    gauge(Metric.MEMORY, ProcessFigures::residentBytes);
    gauge(Metric.DESCRIPTORS, ProcessFigures::openDescriptors);
    Info.builder()
        .name(Metric.BUILD_INFO.text())
        .help(Metric.BUILD_INFO.help())
        .labelNames(Metric.BUILD_INFO.labelNames())
        .register(registry)
        .addLabelValues(version, ProcessFigures.javaVersion());
  }

  // Without exemplars: to ask whether there is a tracer is to look for its classes in every jar.
  private Counter counter(Metric metric) {
    return Counter.builder()
        .name(metric.text())
        .help(metric.help())
        .labelNames(metric.labelNames())
        .withoutExemplars()
        .register(registry);
  }

  private Histogram histogram(Metric metric, double... bounds) {
    return Histogram.builder()
        .name(metric.text())
        .help(metric.help())
        .classicUpperBounds(bounds)
        .classicOnly()
        .withoutExemplars()
        .register(registry);
  }

  /** Counts a verdict. */
  public void decided(String verdict, String reason) {
    decisions.labelValues(verdict, reason).inc();
  }

  /** Counts a request that is kept no longer while it waits. */
  public void displaced(PendingRequests.Bound bound) {
    displaced.labelValues(bound.text()).inc();
  }

  /** Counts a request that is left alone. */
  public void ignored() {
    ignored.inc();
  }

  /** Counts a verdict of strict join. */
  public void joined(String verdict, String reason) {
    joins.labelValues(verdict, reason).inc();
  }

  /** Measures an approval. */
  public void approved(Duration sinceCreationStamp, Duration sinceFirstSeen) {
    sinceCreation.observe(Math.max(0, sinceCreationStamp.toNanos() / 1e9));
    sinceSeen.observe(sinceFirstSeen.toNanos() / 1e9);
  }

  /** Shows the verdicts of strict join from zero on. */
  public void showJoins() {
    joins.initLabelValues("admitted", "");
    joins.initLabelValues("renewed", "");
  }

  /** Shows a collection's watch from zero on. */
  public void watching(String collection) {
    watchRestarts.initLabelValues(collection, "ended");
    watchRestarts.initLabelValues(collection, "broken");
  }

  /** Counts a watch that was opened again. */
  public void watchRestarted(String collection, boolean orderly) {
    watchRestarts.labelValues(collection, orderly ? "ended" : "broken").inc();
  }

  /** Counts a verdict that could not be written at once. */
  public void writeProblem(String problem) {
    writeProblems.labelValues(problem).inc();
  }

  /** Counts an Event: {@code written}, {@code left-out}, {@code dropped} or {@code failed}. */
  public void event(String outcome) {
    events.labelValues(outcome).inc();
  }

  /** Counts a write of an address record: {@code written}, {@code conflict} or {@code failed}. */
  public void addressRecordWrite(String outcome) {
    addressRecordWrites.labelValues(outcome).inc();
  }

  /** Counts a fact looked up over the network. */
  public void lookedUp(FactKind kind, boolean known) {
    lookups.labelValues(kind.path(), known ? "known" : "unknown").inc();
  }

  /** Counts that this replica began or ceased to lead. */
  public void leads(boolean now) {
    leaderChanges.labelValues(now ? "leading" : "standby").inc();
  }

  /** Counts a new version of the policy file. */
  public void policyReload(boolean taken) {
    reloads.labelValues(taken ? "taken" : "refused").inc();
    policyGood = taken;
  }

  @Override
  public void answered(HttpRequest.Method method, int code, Duration took) {
    answers
        .computeIfAbsent(
            method.name() + code,
            ignored -> requests.labelValues(method.name(), Integer.toString(code)))
        .inc();
  }

  /** Shows a number that is asked for at each scrape. */
  public void gauge(Metric metric, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(metric.text())
        .help(metric.help())
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /** Shows a count that is kept elsewhere. */
  public void counter(Metric metric, LongSupplier value) {
    CounterWithCallback.builder()
        .name(metric.text())
        .help(metric.help())
        .callback(callback -> callback.call((double) value.getAsLong()))
        .register(registry);
  }

  /** Shows a number for each value of the one label that the metric has. */
  public void gauges(Metric metric, Supplier<Map<String, Double>> byLabel) {
    GaugeWithCallback.builder()
        .name(metric.text())
        .help(metric.help())
        .labelNames(metric.labelNames())
        .callback(callback -> byLabel.get().forEach((label, n) -> callback.call(n, label)))
        .register(registry);
  }

  /** Writes everything in the Prometheus text format, version 0.0.4. */
  public void write(OutputStream out) throws IOException {
    PrometheusTextFormatWriter.builder().build().write(out, registry.scrape());
  }
}
