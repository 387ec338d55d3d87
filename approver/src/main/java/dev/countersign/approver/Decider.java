package dev.countersign.approver;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.csr.SettledRequests;
import dev.countersign.approver.log.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.queue.FairQueue;
import dev.countersign.approver.write.VerdictWriter;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.StatusReason;
import dev.countersign.policy.Policy;
import dev.countersign.policy.config.Mode;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Evidence;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.gather.FactGatherer;
import dev.countersign.policy.gather.FactSource;
import dev.countersign.policy.request.SignerName;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Decides on one request and writes the verdict. Calling it again for the same request is harmless:
 * every write names the version it is based on, and what is decided already is left alone. So two
 * approvers at the same time do no harm either.
 */
final class Decider {
  /** Told of verdicts that deserve an Event. */
  @FunctionalInterface
  interface Announcer {
    /** Told once of every request that is denied, or held for a while; must not block. */
    void refused(CsrObject csr, List<Violation> violations);
  }

  private static final int SETTLED_REMEMBERED = 4096;

  /** Each may take several megabytes. */
  private static final int LARGE_AT_A_TIME = 2;

  private final ApiClient client;
  private final Supplier<Policy> policy;
  private final FactSource facts;
  private final PendingRequests pending;
  private final FairQueue queue;
  private final VerdictWriter writer;
  private final Announcer announcer;
  private final ApproverMetrics metrics;
  private final StructuredLog log;
  private final DecisionLog lines;
  private final LongSupplier nanoTime;
  private final Retries retries;
  private final Semaphore large = new Semaphore(LARGE_AT_A_TIME);
  private final Map<String, RequestMemory> memories = new ConcurrentHashMap<>();
  private final SettledRequests settled = new SettledRequests(SETTLED_REMEMBERED);

  /**
   * One without requests.
   *
   * @param nanoTime as {@link System#nanoTime}
   * @param later as {@link Later#ON_THREADS}
   */
  Decider(
      ApiClient client,
      Supplier<Policy> policy,
      FactSource facts,
      PendingRequests pending,
      FairQueue queue,
      VerdictWriter writer,
      Announcer announcer,
      ApproverMetrics metrics,
      StructuredLog log,
      LongSupplier nanoTime,
      Later later) {
    this.client = client;
    this.policy = policy;
    this.facts = facts;
    this.pending = pending;
    this.queue = queue;
    this.writer = writer;
    this.announcer = announcer;
    this.metrics = metrics;
    this.log = log;
    this.lines = new DecisionLog(log);
    this.nanoTime = nanoTime;
    this.retries = new Retries(queue, later);
  }

  /** Takes note of a request's state and queues it if it is to be decided. */
  void seen(CsrObject csr) {
    if (csr.pendingFor(SignerName.KUBELET_SERVING)
        && policy.get().groundToIgnore(csr.view()).isPresent()) {
      leftAlone(csr);
      return;
    }
    switch (pending.put(csr)) {
      case PendingRequests.Put.Waits() -> enqueue(csr);
      case PendingRequests.Put.Displaces(
              String displaced,
              PendingRequests.Bound bound,
              boolean first) -> {
        enqueue(csr);
        memories.remove(displaced);
        metrics.displaced(bound);
        if (first) {
          lines.tooMany(csr, bound, pending.size());
        }
      }
      case PendingRequests.Put.NameTooLong() -> lines.nameTooLong(csr);
      case PendingRequests.Put.Settled() -> {
        RequestMemory memory = memories.remove(csr.name());
        if (memory != null && memory.outcomeUnknown) {
          lines.verdictFound(csr);
        }
      }
    }
  }

  /**
   * Forgets a request of a user that is no node, however often it is seen: it waits for someone
   * else.
   */
  private void leftAlone(CsrObject csr) {
    gone(csr.name());
    if (!settled.add(csr.uid())) {
      return;
    }
    metrics.ignored();
    lines.ignored(csr, Decision.Ground.OTHER_REQUESTOR);
  }

  private void enqueue(CsrObject csr) {
    memories.computeIfAbsent(csr.name(), ignored -> new RequestMemory(nanoTime.getAsLong()));
    queue.add(csr.requestor(), csr.name());
  }

  /** Forgets a request. */
  void gone(String name) {
    pending.remove(name);
    memories.remove(name);
  }

  /** Whether our verdict on the request with this uid stands, so that no more of it is needed. */
  boolean isSettled(String uid) {
    return settled.contains(uid);
  }

  /** Begins a list: what is not seen until {@link #listEnded} is gone. */
  void listStarted() {
    settled.clear();
    pending.listStarted();
  }

  /** Drops memories of requests that a list no longer has. */
  void listEnded() {
    pending.listEnded();
    memories.keySet().removeIf(name -> pending.get(name).isEmpty());
  }

  /** Queues every pending request again. */
  void lookAgainAtAll() {
    for (CsrObject csr : pending.all()) {
      queue.add(csr.requestor(), csr.name());
    }
  }

  /** Queues the requests of one Node again. */
  void lookAgainAt(NodeName node) {
    for (String name : pending.of(node.userName())) {
      queue.add(node.userName(), name);
    }
  }

  /** How many requests are held, by first reason. */
  Map<Reason, Integer> heldByReason() {
    Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
    for (RequestMemory memory : memories.values()) {
      List<Violation> held = memory.heldFor;
      if (!held.isEmpty()) {
        counts.merge(held.getFirst().reason(), 1, Integer::sum);
      }
    }
    return counts;
  }

  /** Decides on one request, as far as it is still pending. */
  void decide(String name) {
    Optional<CsrObject> known = pending.get(name);
    if (known.isEmpty()) {
      memories.remove(name);
      return;
    }
    CsrObject csr = known.get();
    RequestMemory memory =
        memories.computeIfAbsent(name, ignored -> new RequestMemory(nanoTime.getAsLong()));
    switch (csr.extent()) {
      case WHOLE -> decide(csr, memory);
      case OUTLINE -> decideLarge(csr, memory);
    }
  }

  /** Reads a request that was too large to be kept, and decides on it. */
  private void decideLarge(CsrObject outline, RequestMemory memory) {
    if (!large.tryAcquire()) {
      // Not to wait here: whoever asks for something honest needs the thread.
      retries.plan(outline, memory);
      return;
    }
    try {
      latest(outline, memory, CsrObject.decoder()).ifPresent(whole -> decide(whole, memory));
    } finally {
      large.release();
    }
  }

  private void decide(CsrObject csr, RequestMemory memory) {
    Policy current = policy.get();
    Decision decision = FactGatherer.decide(current, csr.view(), facts);
    Mode mode = current.config().mode();
    if (!(decision instanceof Decision.Hold)) {
      // In a mode that does not write it stays pending, and yet it is not held any more.
      memory.heldFor = List.of();
    }
    switch (decision) {
      case Decision.Approve(NodeName node, List<Violation> notices, _) -> {
        if (!mode.writes(decision)) {
          recordOnly(csr, memory, "would-approve", notices);
        } else if (written(csr, memory, writer.approve(csr, node.text()))) {
          approved(csr, memory, node, notices);
        }
      }
      case Decision.Deny(List<Violation> violations) -> {
        List<Violation> decisive = onRequest(violations);
        if (!mode.writes(decision)) {
          recordOnly(csr, memory, "would-deny", violations);
        } else if (written(csr, memory, writer.deny(csr, decisive))) {
          metrics.decided("denied", decisive.getFirst().reason().camelCase());
          lines.refused(StructuredLog.Level.WARN, "denied", csr, decisive);
          announcer.refused(csr, decisive);
        }
      }
      case Decision.Hold(List<Violation> violations) -> held(csr, memory, violations);
      case Decision.Ignore(Decision.Ground why) -> {
        if (why == Decision.Ground.OTHER_REQUESTOR) {
          leftAlone(csr);
        } else {
          gone(csr.name());
        }
      }
    }
  }

  private static List<Violation> onRequest(List<Violation> violations) {
    return violations.stream()
        .filter(violation -> violation.reason().evidence() == Evidence.REQUEST)
        .toList();
  }

  private void approved(
      CsrObject csr, RequestMemory memory, NodeName node, List<Violation> notices) {
    Duration sinceSeen = Duration.ofNanos(nanoTime.getAsLong() - memory.seenNanos);
    metrics.decided("approved", notices.isEmpty() ? "" : notices.getFirst().reason().camelCase());
    metrics.approved(Duration.between(csr.view().created(), log.now()), sinceSeen);
    lines.approved(csr, node, notices, sinceSeen);
  }

  private void held(CsrObject csr, RequestMemory memory, List<Violation> violations) {
    List<Violation> before = memory.heldFor;
    if (!reasons(before).equals(reasons(violations))) {
      if (before.isEmpty()) {
        memory.heldSinceNanos = nanoTime.getAsLong();
      }
      memory.heldAnnounced = false;
    }
    memory.heldFor = violations;
    if (violations.stream().anyMatch(violation -> violation.reason() == Reason.FACT_UNKNOWN)) {
      retries.plan(csr, memory);
    }
  }

  private static List<Reason> reasons(List<Violation> violations) {
    return violations.stream().map(Violation::reason).toList();
  }

  /**
   * Reports what is held for a while already. A request often comes a moment before its Node, or
   * before the Node's addresses are recorded; that is not worth a line.
   */
  void announceHeld() {
    long now = nanoTime.getAsLong();
    if (memories.values().stream().allMatch(memory -> memory.unreportedAt(now).isEmpty())) {
      // Thousands may wait in a storm, and to sort them takes longer than to decide on some.
      return;
    }
    for (CsrObject csr : pending.all()) {
      RequestMemory memory = memories.get(csr.name());
      if (memory == null) {
        continue;
      }
      List<Violation> violations = memory.unreportedAt(now);
      if (!violations.isEmpty()) {
        memory.heldAnnounced = true;
        metrics.decided("held", violations.getFirst().reason().camelCase());
        lines.refused(StructuredLog.Level.INFO, "held", csr, violations);
        announcer.refused(csr, violations);
      }
    }
  }

  private void recordOnly(
      CsrObject csr, RequestMemory memory, String verdict, List<Violation> violations) {
    if (!memory.recorded) {
      memory.recorded = true;
      metrics.decided(
          verdict, violations.isEmpty() ? "" : violations.getFirst().reason().camelCase());
      lines.refused(StructuredLog.Level.INFO, verdict, csr, violations);
    }
  }

  /** Whether the verdict stands; where not, what is to follow has been arranged. */
  private boolean written(CsrObject csr, RequestMemory memory, Outcome<Boolean> outcome) {
    switch (outcome) {
      case Outcome.Done<Boolean> ignored -> {
        settled.add(csr.uid());
        gone(csr.name());
        return true;
      }
      case Outcome.Refused<Boolean>(ApiStatus status) -> refused(csr, memory, status);
      case Outcome.Unreachable<Boolean>(String why) -> {
        metrics.writeProblem("unreachable");
        memory.outcomeUnknown = true;
        log.warn("write-unanswered", "csr", csr.name(), "why", why);
        retries.plan(csr, memory);
      }
    }
    return false;
  }

  private void refused(CsrObject csr, RequestMemory memory, ApiStatus status) {
    metrics.writeProblem(status.reason().name().toLowerCase(java.util.Locale.ROOT));
    switch (status.reason()) {
      case CONFLICT -> {
        // Perhaps with our own write, sent twice because its answer was lost.
        memory.outcomeUnknown = true;
        if (memory.conflicts > 0) {
          log.warn("write-refused", "csr", csr.name(), "why", status);
        }
        readAgain(csr, memory);
      }
      case NOT_FOUND -> gone(csr.name());
      case FORBIDDEN -> {
        log.error(
            "not-allowed",
            "csr",
            csr.name(),
            "why",
            status.message(),
            "next",
            "grant approve on signers kubernetes.io/kubelet-serving and update on"
                + " certificatesigningrequests/approval");
        memory.failures = Math.max(memory.failures, 7);
        retries.plan(csr, memory);
      }
      case UNAUTHORIZED,
          ALREADY_EXISTS,
          GONE,
          EXPIRED,
          INVALID,
          TOO_MANY_REQUESTS,
          SERVER_TIMEOUT,
          TIMEOUT,
          INTERNAL_ERROR,
          SERVICE_UNAVAILABLE,
          BAD_REQUEST,
          OTHER -> {
        log.warn("write-refused", "csr", csr.name(), "why", status);
        retries.plan(csr, memory);
      }
    }
  }

  /**
   * Someone changed the request since we read it: read it again and start over. At once the first
   * time only, for someone may go on changing it.
   */
  private void readAgain(CsrObject csr, RequestMemory memory) {
    latest(csr, memory, CsrObject.keptDecoder())
        .ifPresent(
            latest -> {
              int conflicts = memory.conflicts;
              memory.conflicts = conflicts + 1;
              if (conflicts == 0) {
                seen(latest);
              } else {
                pending.put(latest);
                retries.plan(latest, memory);
              }
            });
  }

  /** A request as it is now, if it is still to be decided; if not, what follows is arranged. */
  private Optional<CsrObject> latest(
      CsrObject csr, RequestMemory memory, ObjectDecoder<CsrObject> decoder) {
    Outcome<CsrObject> outcome = client.get(CsrObject.path(csr.name()), decoder);
    switch (outcome) {
      case Outcome.Done<CsrObject>(CsrObject latest) -> {
        if (latest.pendingFor(SignerName.KUBELET_SERVING)) {
          return Optional.of(latest);
        }
        seen(latest);
      }
      case Outcome.Refused<CsrObject>(ApiStatus status) -> {
        if (status.reason() == StatusReason.NOT_FOUND) {
          gone(csr.name());
        } else {
          retries.plan(csr, memory);
        }
      }
      case Outcome.Unreachable<CsrObject> ignored -> retries.plan(csr, memory);
    }
    return Optional.empty();
  }
}
