package dev.countersign.approver;

import dev.countersign.approver.controller.Controller;
import dev.countersign.approver.controller.DecisionReports;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.health.Health;
import dev.countersign.approver.join.JoinHandler;
import dev.countersign.approver.join.JoinOptions;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.metrics.CertificateExpiries;
import dev.countersign.approver.serving.ServingHandler;
import dev.countersign.approver.status.ApprovalUpdater;
import dev.countersign.approver.status.EventRecorder;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.Policy;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.gather.FactSource;
import dev.countersign.policy.request.SignerName;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Makes the controllers of the two signers.
 *
 * @param client of the API server
 * @param options how the approver runs
 * @param log where decisions are logged
 * @param metrics where they are counted
 * @param events writes Events of them
 * @param observer told of the controllers' informers
 * @param health told of their work
 */
record Controllers(
    ApiClient client,
    ApproverOptions options,
    StructuredLog log,
    ApproverMetrics metrics,
    EventRecorder events,
    WatchObserver observer,
    Health health) {
  /** Requests of one Node that are looked at; an honest kubelet makes a hundred a day at most. */
  private static final int MOST_OF_ONE_NODE = 256;

  /** A token may be for a whole room of machines, which all start at once. */
  private static final int MOST_OF_ONE_TOKEN = 5000;

  /** Twice as many as a cluster has Nodes: 20 MB of honest requests, 80 of the largest kept. */
  private static final int MOST_IN_ALL = 10_000;

  /**
   * The controller of serving certificates: works while this replica leads.
   *
   * @param facts what requests are evaluated with, given those that wait
   */
  Controller serving(
      Supplier<Policy> policy,
      Function<PendingRequests, FactSource> facts,
      CertificateExpiries expiries,
      BooleanSupplier leads) {
    PendingRequests pending =
        new PendingRequests(SignerName.KUBELET_SERVING, MOST_OF_ONE_NODE, MOST_IN_ALL);
    return new Controller(
        client,
        new ServingHandler(
            policy, facts.apply(pending), new ApprovalUpdater(client, options.clock())),
        pending,
        new Controller.Settings(
            "certificatesigningrequests",
            options.parallel(),
            options.parallelPerRequestor(),
            options.resync(),
            leads),
        new DecisionReports(DecisionReports.Kind.SERVING, log, metrics, expiries, events::refused),
        observer,
        health);
  }

  /**
   * The controller of client certificates. Every replica works, leading or not: the records let
   * only one of them admit. One request of each requestor at a time: those of one token would meet
   * in its record anyway, and whoever floods us with a leaked one delays nobody else.
   *
   * @param leads whether this replica writes Events of them
   */
  Controller joins(JoinOptions join, Supplier<PolicyConfig> policy, BooleanSupplier leads) {
    return new Controller(
        client,
        new JoinHandler(client, join, policy, options.clock()),
        new PendingRequests(SignerName.KUBELET_CLIENT, MOST_OF_ONE_TOKEN, MOST_IN_ALL),
        new Controller.Settings(
            "client certificate requests", join.parallel(), 1, join.lookAgain(), () -> true),
        new DecisionReports(
            DecisionReports.Kind.JOIN,
            log,
            metrics,
            new CertificateExpiries(0),
            (csr, violations) -> {
              if (leads.getAsBoolean()) {
                events.refused(csr, violations);
              }
            }),
        observer,
        health);
  }
}
