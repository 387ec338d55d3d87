package dev.countersign.approver;

import dev.countersign.approver.cluster.InformerCaches;
import dev.countersign.approver.controller.Controller;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.metrics.CertificateExpiries;
import dev.countersign.approver.metrics.Metric;
import dev.countersign.approver.ownership.AddressOwnershipStore;
import dev.countersign.approver.ownership.OwnershipFigures;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.ownership.Shard;
import dev.countersign.policy.ownership.ShardUpdate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The metrics that are read from the parts of an approver whenever somebody scrapes them. */
final class Gauges {
  private final ApproverMetrics metrics;

  Gauges(ApproverMetrics metrics) {
    this.metrics = metrics;
  }

  /** What waits for a decision, and why. */
  void ofRequests(Controller controller, StructuredLog log) {
    PendingRequests pending = controller.pending();
    metrics.gauge(Metric.QUEUE_DEPTH, controller.queue()::size);
    metrics.gauge(Metric.PENDING, pending::size);
    metrics.gauge(
        Metric.OLDEST_PENDING,
        () ->
            pending
                .oldest()
                .map(oldest -> Duration.between(oldest, log.now()).toMillis() / 1000.0)
                .orElse(0.0));
    metrics.gauges(
        Metric.DEFERRED,
        () -> labelled(controller.reconciler().deferredByReason(), Reason::camelCase));
    metrics.counter(Metric.LOG_DROPPED, log::dropped);
  }

  /** What is known of the cluster. */
  void ofCluster(InformerCaches cluster, RangeReports ranges) {
    metrics.gauge(Metric.NODES, cluster::nodeCount);
    metrics.gauge(Metric.SERVICE_RANGE_UNKNOWN, () -> ranges.servicesUnknown().isPresent() ? 1 : 0);
    metrics.gauges(
        Metric.PROTECTED, () -> labelled(cluster.protectedSizes(), ProtectedSpace.Kind::text));
  }

  /** How full the record of addresses is. */
  void ofOwnership(AddressOwnershipStore ownership) {
    metrics.gauge(Metric.OWNED, () -> ownership.figures().entries());
    metrics.gauge(Metric.CONTESTED, () -> ownership.figures().contested());
    metrics.gauges(
        Metric.CLAIMS_TURNED_AWAY,
        () -> {
          OwnershipFigures figures = ownership.figures();
          return Map.of(
              ShardUpdate.Cause.OVER_BUDGET.text(),
              (double) figures.overBudget(),
              ShardUpdate.Cause.RECORD_FULL.text(),
              (double) figures.recordFull(),
              "changes-too-often",
              (double) figures.slowed());
        });
    metrics.gauge(
        Metric.RECORD_FULLEST, () -> (double) ownership.figures().fullest() / Shard.MOST_BYTES);
  }

  /** When the Nodes' certificates expire. */
  void ofCertificates(CertificateExpiries expiries, InformerCaches cluster) {
    metrics.gauges(Metric.CERTIFICATE_EXPIRY, expiries::seconds);
    metrics.gauge(
        Metric.CERTIFICATES_UNTRACKED,
        () -> expiries.on() ? Math.max(0, cluster.nodeCount() - expiries.size()) : 0);
  }

  /** How long ago the API server was last heard of, by collection. */
  void ofWatches(List<Reflector<?>> watches) {
    metrics.gauges(
        Metric.WATCH_SILENCE,
        () -> {
          Map<String, Double> byName = new HashMap<>();
          for (Reflector<?> watch : watches) {
            byName.put(watch.name(), watch.sinceLastContact().toMillis() / 1000.0);
          }
          return byName;
        });
  }

  private static <K> Map<String, Double> labelled(
      Map<K, Integer> counts, Function<K, String> label) {
    Map<String, Double> byLabel = new HashMap<>();
    counts.forEach((key, count) -> byLabel.put(label.apply(key), count.doubleValue()));
    return byLabel;
  }
}
