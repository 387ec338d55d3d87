package dev.countersign.approver;

import dev.countersign.approver.logging.LogBackoff;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.kube.lease.LeaderElector;
import java.util.function.Consumer;

/**
 * Tells who leads, and lets the record of addresses be written by the replica that does.
 *
 * @param writing told whether this replica is the one that writes
 */
record LeadershipReports(
    StructuredLog log, ApproverMetrics metrics, LogBackoff backoff, Consumer<Boolean> writing)
    implements LeaderElector.Listener {
  private static final String LEASE = "lease";

  @Override
  public void elected() {
    backoff.reset(LEASE);
    log.info("leading");
    metrics.leads(true);
    writing.accept(true);
  }

  @Override
  public void deposed(String why) {
    writing.accept(false);
    metrics.leads(false);
    log.warn("no-longer-leading", "why", why);
  }

  @Override
  public void follows(String leader) {
    backoff.reset(LEASE);
    log.info("standing-by", "leader", leader);
  }

  @Override
  public void troubled(String why) {
    backoff
        .shouldLog(LEASE, why)
        .ifPresent(times -> log.warn("lease-trouble", "why", why, "times", times));
  }
}
