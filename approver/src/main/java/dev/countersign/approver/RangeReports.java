package dev.countersign.approver;

import dev.countersign.approver.cluster.InformerCaches;
import dev.countersign.approver.health.Health;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.common.name.IpRange;
import dev.countersign.policy.config.Guard;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tells of address ranges that are not known, or not believed: where less is protected, or more is
 * deferred, than an operator expects. Its methods are called by one thread at a time.
 */
final class RangeReports {
  private static final String SERVICE_RANGE_REMEDY =
      "set protected.serviceCIDRs in the policy file to the API server's"
          + " --service-cluster-ip-range, or let the approver list servicecidrs";

  private final InformerCaches cluster;
  private final Supplier<PolicyConfig> config;
  private final StructuredLog log;
  private Optional<ServiceRangesUnknown> told = Optional.empty();

  RangeReports(InformerCaches cluster, Supplier<PolicyConfig> config, StructuredLog log) {
    this.cluster = cluster;
    this.config = config;
    this.log = log;
  }

  /** Which addresses may be a Service's, where neither the cluster nor the policy tells. */
  Optional<ServiceRangesUnknown> servicesUnknown() {
    return cluster.complete() && config.get().guard().cidrs().services().isEmpty()
        ? cluster.serviceRangesUnknown()
        : Optional.empty();
  }

  /** Tells the log and {@code /readyz} where that has changed since it was last told. */
  void tellOfServices(Health health) {
    Optional<ServiceRangesUnknown> unknown = servicesUnknown();
    if (unknown.equals(told)) {
      return;
    }
    told = unknown;
    unknown.ifPresentOrElse(
        services ->
            log.warn(
                "service-range-unknown",
                "why",
                services.detail(),
                "effect",
                services.deferred() + " is deferred",
                "next",
                SERVICE_RANGE_REMEDY),
        () -> log.info("service-range-known"));
    health.remark(
        unknown.map(
            services ->
                "the range of Services is not known: "
                    + services.detail()
                    + "; "
                    + SERVICE_RANGE_REMEDY));
  }

  /** Less is protected than the Node says, so somebody should know. */
  void tellOfWide(Optional<List<IpRange>> before, NodeFact node) {
    if (before.filter(node.podRanges()::equals).isPresent()) {
      return;
    }
    Guard.ClusterCidrs cidrs = config.get().guard().cidrs();
    for (IpRange range : node.podRanges()) {
      if (cidrs.isTooWide(range) && !cidrs.namesPodsLike(range)) {
        log.warn(
            "pod-range-not-believed",
            "node",
            node.name(),
            "range",
            range,
            "next",
            "if it is true, set protected.nodeCIDRMaskSizeIPv4 or protected.nodeCIDRMaskSizeIPv6,"
                + " or name the cluster's Pod ranges in protected.podCIDRs");
      }
    }
  }
}
