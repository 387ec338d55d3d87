package dev.countersign.approver;

import dev.countersign.approver.logging.LogBackoff;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.kube.watch.WatchObserver;

/** Counts what happens to watches, and logs what an operator has to know of it. */
record WatchReports(StructuredLog log, ApproverMetrics metrics, LogBackoff backoff)
    implements WatchObserver {
  @Override
  public void restarted(String collection, String why) {
    backoff.reset(collection);
    metrics.watchRestarted(collection, true);
  }

  @Override
  public void troubled(String collection, String why) {
    metrics.watchRestarted(collection, false);
    backoff
        .shouldLog(collection, why)
        .ifPresent(
            times ->
                log.warn("watch-broken", "collection", collection, "why", why, "times", times));
  }

  @Override
  public void missing(String collection, String why) {
    log.warn("collection-missing", "collection", collection, "why", why);
  }
}
