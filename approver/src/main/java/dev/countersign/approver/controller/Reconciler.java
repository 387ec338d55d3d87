package dev.countersign.approver.controller;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.DecidedCsrs;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.queue.FairWorkQueue;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.StatusReason;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/**
 * Brings requests of one signer to a verdict: keeps those that wait, has each handled, and arranges
 * what follows where that came to nothing. Two approvers at the same time do no harm: every write
 * names the version it is based on, and what is decided already is left alone. Thread-safe.
 */
public final class Reconciler {
  private static final int SETTLED_REMEMBERED = 4096;

  /** Each may take several megabytes. */
  private static final int LARGE_AT_A_TIME = 2;

  private final ApiClient client;
  private final CsrHandler handler;
  private final PendingRequests pending;
  private final FairWorkQueue queue;
  private final DecisionReports reports;
  private final LongSupplier nanoTime;
  private final Retries retries;
  private final Semaphore large = new Semaphore(LARGE_AT_A_TIME);
  private final Map<String, RequestMemory> memories = new ConcurrentHashMap<>();
  private final DecidedCsrs settled = new DecidedCsrs(SETTLED_REMEMBERED);

  /**
   * One without requests.
   *
   * @param nanoTime as {@link System#nanoTime}
   * @param later as {@link Later#ON_THREADS}
   */
  Reconciler(
      ApiClient client,
      CsrHandler handler,
      PendingRequests pending,
      FairWorkQueue queue,
      DecisionReports reports,
      LongSupplier nanoTime,
      Later later) {
    this.client = client;
    this.handler = handler;
    this.pending = pending;
    this.queue = queue;
    this.reports = reports;
    this.nanoTime = nanoTime;
    this.retries = new Retries(queue, later);
  }

  /** Takes note of a request's state and queues it if it is to be decided. */
  void seen(CsrObject csr) {
    Optional<Decision.Ground> ground =
        csr.pendingFor(handler.signer()) ? handler.groundToIgnore(csr.view()) : Optional.empty();
    if (ground.isPresent()) {
      leftAlone(csr, ground.get());
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
        reports.displaced(csr, bound, first, pending.size());
      }
      case PendingRequests.Put.NameTooLong() -> reports.nameTooLong(csr);
      case PendingRequests.Put.Settled() -> {
        RequestMemory memory = memories.remove(csr.name());
        if (memory != null && memory.outcomeUnknown) {
          reports.verdictFound(csr);
        }
      }
    }
  }

  /**
   * Forgets a request of a user that is no node, however often it is seen: it waits for someone
   * else.
   */
  private void leftAlone(CsrObject csr, Decision.Ground ground) {
    gone(csr.name());
    if (ground == Decision.Ground.OTHER_REQUESTOR && settled.add(csr.uid())) {
      reports.ignored(csr, ground);
    }
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
  public void lookAgainAtAll() {
    for (CsrObject csr : pending.all()) {
      queue.add(csr.requestor(), csr.name());
    }
  }

  /** Queues the requests of one Node again. */
  public void lookAgainAt(NodeName node) {
    for (String name : pending.of(node.userName())) {
      queue.add(node.userName(), name);
    }
  }

  /** How many requests are deferred, by first reason. */
  public Map<Reason, Integer> deferredByReason() {
    Map<Reason, Integer> counts = new EnumMap<>(Reason.class);
    for (RequestMemory memory : memories.values()) {
      List<Violation> held = memory.deferredFor;
      if (!held.isEmpty()) {
        counts.merge(held.getFirst().reason(), 1, Integer::sum);
      }
    }
    return counts;
  }

  /** Brings one request on its way, as far as it is still pending. */
  void reconcile(String name) {
    Optional<CsrObject> known = pending.get(name);
    if (known.isEmpty()) {
      memories.remove(name);
      return;
    }
    CsrObject csr = known.get();
    RequestMemory memory =
        memories.computeIfAbsent(name, ignored -> new RequestMemory(nanoTime.getAsLong()));
    switch (csr.extent()) {
      case WHOLE -> handle(csr, memory);
      case OUTLINE -> handleLarge(csr, memory);
    }
  }

  /** Reads a request that was too large to be kept, and has it handled. */
  private void handleLarge(CsrObject outline, RequestMemory memory) {
    if (!large.tryAcquire()) {
      // Not to wait here: whoever asks for something honest needs the thread.
      retries.plan(outline, memory);
      return;
    }
    try {
      latest(outline, memory, CsrObject.decoder()).ifPresent(whole -> handle(whole, memory));
    } finally {
      large.release();
    }
  }

  private void handle(CsrObject csr, RequestMemory memory) {
    switch (handler.handle(csr)) {
      case Result.Written(Decision decision) -> {
        settled.add(csr.uid());
        gone(csr.name());
        written(csr, memory, decision);
      }
      case Result.Undecided(Decision decision) -> undecided(csr, memory, decision);
      case Result.Refused refused -> refused(csr, memory, refused);
      case Result.Unanswered(String why) -> {
        reports.unanswered(csr, why);
        memory.outcomeUnknown = true;
        retries.plan(csr, memory);
      }
    }
  }

  private void written(CsrObject csr, RequestMemory memory, Decision decision) {
    switch (decision) {
      case Decision.Approve(NodeName node, List<Violation> notices, _) ->
          reports.approved(
              csr, node, notices, Duration.ofNanos(nanoTime.getAsLong() - memory.seenNanos));
      case Decision.Deny deny -> reports.denied(csr, deny.decisive());
      case Decision.Defer _, Decision.Ignore _ -> {}
    }
  }

  private void undecided(CsrObject csr, RequestMemory memory, Decision decision) {
    if (!(decision instanceof Decision.Defer)) {
      // In a mode that does not write it stays pending, and yet it is not held any more.
      memory.deferredFor = List.of();
    }
    switch (decision) {
      case Decision.Defer(List<Violation> violations) -> deferred(csr, memory, violations);
      case Decision.Ignore(Decision.Ground ground) -> leftAlone(csr, ground);
      case Decision.Approve _, Decision.Deny _ -> {
        if (!memory.recorded) {
          memory.recorded = true;
          reports.notWritten(csr, decision);
        }
      }
    }
  }

  private void deferred(CsrObject csr, RequestMemory memory, List<Violation> violations) {
    List<Violation> before = memory.deferredFor;
    if (!reasons(before).equals(reasons(violations))) {
      if (before.isEmpty()) {
        memory.deferredSinceNanos = nanoTime.getAsLong();
      }
      memory.deferralAnnounced = false;
    }
    memory.deferredFor = violations;
    if (violations.stream().anyMatch(violation -> violation.reason() == Reason.FACT_UNKNOWN)) {
      retries.plan(csr, memory);
    }
  }

  private static List<Reason> reasons(List<Violation> violations) {
    return violations.stream().map(Violation::reason).toList();
  }

  /**
   * Reports what is deferred for a while already. A request often comes a moment before its Node,
   * or before the Node's addresses are recorded; that is not worth a line.
   */
  void announceHeld() {
    long now = nanoTime.getAsLong();
    if (memories.values().stream().allMatch(memory -> memory.unreportedAt(now).isEmpty())) {
      // Thousands may wait in a burst, and to sort them takes longer than to decide on some.
      return;
    }
    for (CsrObject csr : pending.all()) {
      RequestMemory memory = memories.get(csr.name());
      if (memory == null) {
        continue;
      }
      List<Violation> violations = memory.unreportedAt(now);
      if (!violations.isEmpty()) {
        memory.deferralAnnounced = true;
        reports.deferred(csr, violations);
      }
    }
  }

  private void refused(CsrObject csr, RequestMemory memory, Result.Refused refused) {
    switch (refused.status().reason()) {
      case CONFLICT -> {
        // Perhaps with our own write, sent twice because its answer was lost.
        memory.outcomeUnknown = true;
        reports.writeFailed(csr, refused, memory.conflicts > 0);
        readAgain(csr, memory);
      }
      case NOT_FOUND -> {
        reports.writeFailed(csr, refused, false);
        gone(csr.name());
      }
      case FORBIDDEN -> {
        reports.notAllowed(csr, refused);
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
        reports.writeFailed(csr, refused, true);
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
    ApiResult<CsrObject> outcome = client.get(CsrObject.path(csr.name()), decoder);
    switch (outcome) {
      case ApiResult.Done<CsrObject>(CsrObject latest) -> {
        if (latest.pendingFor(handler.signer())) {
          return Optional.of(latest);
        }
        seen(latest);
      }
      case ApiResult.Refused<CsrObject>(ApiStatus status) -> {
        if (status.reason() == StatusReason.NOT_FOUND) {
          gone(csr.name());
        } else {
          retries.plan(csr, memory);
        }
      }
      case ApiResult.Unreachable<CsrObject> ignored -> retries.plan(csr, memory);
    }
    return Optional.empty();
  }
}
