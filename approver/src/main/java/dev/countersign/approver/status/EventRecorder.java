package dev.countersign.approver.status;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.logging.LogRateLimiter;
import dev.countersign.common.name.NameOrAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.JsonWriting;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.ownership.ShardUpdate;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Writes Events on a request, and on the Node that sent it, so that {@code kubectl describe} says
 * why a request is denied or deferred. A requestor has a budget a minute: one that floods requests
 * does not flood etcd. They wait in a queue of bounded length for the one thread that {@link #run}
 * has, so decisions never wait for them. An Event that can't be written is given up: the log and
 * the metrics have it too. Thread-safe.
 */
public final class EventRecorder implements Runnable {
  /** What became of an Event, as the metric {@code countersign_events_total} names it. */
  public enum Fate {
    /** The API server has it. */
    WRITTEN("written"),
    /** Its requestor had used up its budget. */
    LEFT_OUT("left-out"),
    /** Too many were waiting. */
    DROPPED("dropped"),
    /** The API server did not take it. */
    FAILED("failed");

    private final String text;

    Fate(String text) {
      this.text = text;
    }

    /** As in the metric. */
    public String text() {
      return text;
    }
  }

  /** How many may wait. */
  static final int MOST_WAITING = 1000;

  /** Events a minute for one requestor's requests. */
  private static final int PER_MINUTE = 120;

  /** Events a minute for what one Node claims. */
  private static final int CLAIMS_PER_MINUTE = 20;

  private static final String SETTLE = "countersign node addresses settles it";

  /**
   * Objects of the whole cluster have their Events in this namespace (kubernetes
   * pkg/apis/core/validation/events.go).
   */
  private static final String NAMESPACE = "default";

  private static final String COMPONENT = "countersign-approver";

  private final ApiClient client;
  private final InstantSource clock;
  private final LogRateLimiter budget = new LogRateLimiter(PER_MINUTE);
  private final LogRateLimiter claimBudget = new LogRateLimiter(CLAIMS_PER_MINUTE);
  private final AtomicLong counter = new AtomicLong();
  private final BlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>(MOST_WAITING);
  private final Consumer<Fate> observer;

  /** A writer to one cluster; {@code observer} is told what became of each Event. */
  public EventRecorder(ApiClient client, InstantSource clock, Consumer<Fate> observer) {
    this.client = client;
    this.clock = clock;
    this.observer = observer;
  }

  /** Writes what waits and what comes, until its thread is interrupted. */
  @Override
  public void run() {
    try {
      while (true) {
        waiting.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says why a request is denied or deferred, soon; returns at once. */
  public void refused(CsrObject csr, List<Violation> violations) {
    Instant now = clock.instant();
    if (budget.take(csr.requestor(), now) == LogRateLimiter.Verdict.LEAVE_OUT) {
      observer.accept(Fate.LEFT_OUT);
      return;
    }
    String reason = violations.getFirst().reason().camelCase();
    String message = ApprovalUpdater.message(violations);
    enqueue(
        now,
        "certificates.k8s.io/v1",
        "CertificateSigningRequest",
        csr.name(),
        csr.uid(),
        reason,
        message);
    NodeName.ofUser(csr.requestor())
        .ifPresent(
            node ->
                // The kubelet gives its Node's name as uid, and so `kubectl describe node` finds
                // it.
                enqueue(
                    now,
                    "v1",
                    "Node",
                    node.text(),
                    node.text(),
                    reason,
                    "request " + csr.name() + ": " + message));
  }

  /** Says on a Node that what it claims is another's, and on that Node who claims it. */
  public void waits(NodeName node, NameOrAddress claim, Optional<NodeName> owner) {
    String what = claim.key();
    if (owner.isEmpty()) {
      claims(node, node, "AddressContested", what + " is claimed by several Nodes; " + SETTLE);
      return;
    }
    claims(
        node,
        node,
        "AddressOwnedByOtherNode",
        what + " is Node " + owner.get() + "'s, which had it first; " + SETTLE);
    claims(
        node,
        owner.get(),
        "AddressClaimedByOtherNode",
        what + " is claimed by Node " + node + ", too, which waits for it; " + SETTLE);
  }

  /** Says on a Node that not all it claims gets on record. */
  public void turnedAway(NodeName node, ShardUpdate.Cause cause) {
    switch (cause) {
      case OVER_BUDGET ->
          claims(
              node,
              node,
              "AddressBudgetUsedUp",
              "the Node claims more names and addresses than ownership.perNode.recordBytes lets"
                  + " one Node have on record; further ones get no certificate");
      case RECORD_FULL ->
          claims(
              node,
              node,
              "AddressRecordFull",
              "an address record has no room for what the Node claims; countersign node addresses"
                  + " --usage shows which Nodes fill it");
    }
  }

  /** Says on a Node that it changes its addresses too often. */
  public void slowed(NodeName node) {
    claims(
        node,
        node,
        "AddressesChangeTooOften",
        "the Node's names and addresses change so often that they are recorded with a delay"
            + " (ownership.perNode.changeInterval)");
  }

  /** An Event on one Node, for which another is to blame. */
  private void claims(NodeName cause, NodeName on, String reason, String message) {
    Instant now = clock.instant();
    if (claimBudget.take(cause.text(), now) == LogRateLimiter.Verdict.LEAVE_OUT) {
      observer.accept(Fate.LEFT_OUT);
    } else {
      enqueue(now, "v1", "Node", on.text(), on.text(), reason, message);
    }
  }

  private void enqueue(
      Instant now,
      String apiVersion,
      String kind,
      String name,
      String uid,
      String reason,
      String message) {
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    String suffix =
        Long.toHexString(now.toEpochMilli()) + Long.toHexString(counter.incrementAndGet());
    byte[] body =
        JsonWriting.object(
            out -> {
              out.writeStringField("apiVersion", "v1");
              out.writeStringField("kind", "Event");
              out.writeObjectFieldStart("metadata");
              out.writeStringField("name", name + "." + suffix);
              out.writeStringField("namespace", NAMESPACE);
              out.writeEndObject();
              out.writeObjectFieldStart("involvedObject");
              out.writeStringField("apiVersion", apiVersion);
              out.writeStringField("kind", kind);
              out.writeStringField("name", name);
              out.writeStringField("uid", uid);
              out.writeEndObject();
              out.writeStringField("type", "Warning");
              out.writeStringField("reason", reason);
              out.writeStringField("message", message);
              out.writeObjectFieldStart("source");
              out.writeStringField("component", COMPONENT);
              out.writeEndObject();
              out.writeStringField("reportingComponent", COMPONENT);
              out.writeStringField("firstTimestamp", time);
              out.writeStringField("lastTimestamp", time);
              out.writeNumberField("count", 1);
            });
    if (!waiting.offer(() -> send(body))) {
      observer.accept(Fate.DROPPED);
    }
  }

  private void send(byte[] body) {
    String target = ApiQuery.path("api", "v1", "namespaces", NAMESPACE, "events");
    switch (client.create(target, body, JsonReading::skipped)) {
      case ApiResult.Done<Boolean> ignored -> observer.accept(Fate.WRITTEN);
      case ApiResult.Refused<Boolean> ignored -> observer.accept(Fate.FAILED);
      case ApiResult.Unreachable<Boolean> ignored -> observer.accept(Fate.FAILED);
    }
  }
}
