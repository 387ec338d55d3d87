package dev.countersign.approver;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.csr.SettledRequests;
import dev.countersign.approver.log.LineBudget;
import dev.countersign.approver.log.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.queue.FairQueue;
import dev.countersign.approver.write.VerdictWriter;
import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.StatusReason;
import dev.countersign.policy.Policy;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.Mode;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Evidence;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.request.SignerName;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
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

  /** Does something after a pause. */
  @FunctionalInterface
  interface Later {
    /** Does it on a virtual thread of that name. */
    Later ON_THREADS =
        (pause, name, what) ->
            Thread.ofVirtual()
                .name(name)
                .start(
                    () -> {
                      try {
                        Thread.sleep(pause);
                        what.run();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    });

    /** Returns at once and does it after the pause. */
    void after(Duration pause, String name, Runnable what);
  }

  /** What is remembered of a pending request between two looks at it. */
  private static final class Memory {
    private final long seenNanos;
    private final AtomicBoolean retryPlanned = new AtomicBoolean();
    private volatile List<Violation> heldFor = List.of();
    private volatile long heldSinceNanos;
    private volatile boolean heldAnnounced;
    private volatile boolean recorded;
    private volatile boolean outcomeUnknown;
    private volatile int failures;
    private volatile int conflicts;

    Memory(long seenNanos) {
      this.seenNanos = seenNanos;
    }

    /** What is to be reported of it at that time; nothing where nothing is, or it has been. */
    private List<Violation> unreportedAt(long nanos) {
      List<Violation> held = heldFor;
      return heldAnnounced || nanos - heldSinceNanos <= ANNOUNCE_AFTER.toNanos() ? List.of() : held;
    }
  }

  private static final int SETTLED_REMEMBERED = 4096;

  /** Each may take several megabytes. */
  private static final int LARGE_AT_A_TIME = 2;

  private static final Duration ANNOUNCE_AFTER = Duration.ofSeconds(2);
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);

  private final ApiClient client;
  private final Supplier<Policy> policy;
  private final FactGatherer facts;
  private final PendingRequests pending;
  private final FairQueue queue;
  private final VerdictWriter writer;
  private final Announcer announcer;
  private final ApproverMetrics metrics;
  private final StructuredLog log;
  private final LongSupplier nanoTime;
  private final Later later;
  private final LineBudget budget = new LineBudget(60);
  private final Semaphore large = new Semaphore(LARGE_AT_A_TIME);
  private final Map<String, Memory> memories = new ConcurrentHashMap<>();
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
      FactGatherer facts,
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
    this.nanoTime = nanoTime;
    this.later = later;
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
          tooMany(csr, bound);
        }
      }
      case PendingRequests.Put.NameTooLong() -> nameTooLong(csr);
      case PendingRequests.Put.Settled() -> {
        Memory memory = memories.remove(csr.name());
        if (memory != null && memory.outcomeUnknown) {
          verdictFound(csr);
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
    LineBudget.Verdict verdict = budget.take(csr.requestor(), log.now());
    if (verdict != LineBudget.Verdict.LEAVE_OUT) {
      log.debug(
          "ignored",
          "csr",
          csr.name(),
          "requestor",
          csr.requestor(),
          "why",
          Decision.Ground.OTHER_REQUESTOR.text());
    }
  }

  private void tooMany(CsrObject csr, PendingRequests.Bound bound) {
    switch (bound) {
      case REQUESTOR ->
          log.warn(
              "too-many-requests",
              "requestor",
              csr.requestor(),
              "why",
              "more wait than are looked at; the newest ones go first",
              "next",
              "see what runs as this Node; delete what it should not have asked for");
      case ALL ->
          log.warn(
              "too-many-requests",
              "pending",
              pending.size(),
              "why",
              "more wait than are looked at in all; of whoever has most the newest go first",
              "next",
              "see why they wait (countersign csr list); delete what nobody should have asked for");
    }
  }

  private void nameTooLong(CsrObject csr) {
    LineBudget.Verdict verdict = budget.take(csr.requestor(), log.now());
    if (verdict != LineBudget.Verdict.LEAVE_OUT) {
      log.warn(
          "left-alone",
          "csr",
          csr.name(),
          "requestor",
          csr.requestor(),
          "why",
          "got a name of " + csr.name().length() + " characters; want 253 at most",
          "next",
          "delete it; no kubelet makes such a request");
      sayIfLast(verdict, csr);
    }
  }

  private void enqueue(CsrObject csr) {
    memories.computeIfAbsent(csr.name(), ignored -> new Memory(nanoTime.getAsLong()));
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
    for (Memory memory : memories.values()) {
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
    Memory memory = memories.computeIfAbsent(name, ignored -> new Memory(nanoTime.getAsLong()));
    switch (csr.extent()) {
      case WHOLE -> decide(csr, memory);
      case OUTLINE -> decideLarge(csr, memory);
    }
  }

  /** Reads a request that was too large to be kept, and decides on it. */
  private void decideLarge(CsrObject outline, Memory memory) {
    if (!large.tryAcquire()) {
      // Not to wait here: whoever asks for something honest needs the thread.
      retry(outline, memory);
      return;
    }
    try {
      latest(outline, memory, CsrObject.decoder()).ifPresent(whole -> decide(whole, memory));
    } finally {
      large.release();
    }
  }

  private void decide(CsrObject csr, Memory memory) {
    Policy current = policy.get();
    Preflight preflight = current.preflight(csr.view());
    Decision decision = current.decide(preflight, facts.gather(current, preflight, csr));
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
        if (!mode.writes(decision)) {
          recordOnly(csr, memory, "would-deny", violations);
        } else if (written(csr, memory, writer.deny(csr, onRequest(violations)))) {
          metrics.decided("denied", onRequest(violations).getFirst().reason().camelCase());
          line(StructuredLog.Level.WARN, "denied", csr, onRequest(violations));
          announcer.refused(csr, onRequest(violations));
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

  private void approved(CsrObject csr, Memory memory, NodeName node, List<Violation> notices) {
    Duration sinceSeen = Duration.ofNanos(nanoTime.getAsLong() - memory.seenNanos);
    metrics.decided("approved", notices.isEmpty() ? "" : notices.getFirst().reason().camelCase());
    metrics.approved(Duration.between(csr.view().created(), log.now()), sinceSeen);
    LineBudget.Verdict verdict = budget.take(csr.requestor(), log.now());
    if (verdict == LineBudget.Verdict.LEAVE_OUT) {
      return;
    }
    if (notices.isEmpty()) {
      log.info("approved", "csr", csr.name(), "node", node.text(), "took_ms", sinceSeen.toMillis());
    } else {
      log.warn(
          "approved",
          "csr",
          csr.name(),
          "node",
          node.text(),
          "took_ms",
          sinceSeen.toMillis(),
          "notices",
          VerdictWriter.message(notices));
    }
    sayIfLast(verdict, csr);
  }

  private void held(CsrObject csr, Memory memory, List<Violation> violations) {
    List<Violation> before = memory.heldFor;
    if (!reasons(before).equals(reasons(violations))) {
      if (before.isEmpty()) {
        memory.heldSinceNanos = nanoTime.getAsLong();
      }
      memory.heldAnnounced = false;
    }
    memory.heldFor = violations;
    if (violations.stream().anyMatch(violation -> violation.reason() == Reason.FACT_UNKNOWN)) {
      retry(csr, memory);
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
      Memory memory = memories.get(csr.name());
      if (memory == null) {
        continue;
      }
      List<Violation> violations = memory.unreportedAt(now);
      if (!violations.isEmpty()) {
        memory.heldAnnounced = true;
        metrics.decided("held", violations.getFirst().reason().camelCase());
        line(StructuredLog.Level.INFO, "held", csr, violations);
        announcer.refused(csr, violations);
      }
    }
  }

  private void recordOnly(
      CsrObject csr, Memory memory, String verdict, List<Violation> violations) {
    if (!memory.recorded) {
      memory.recorded = true;
      metrics.decided(
          verdict, violations.isEmpty() ? "" : violations.getFirst().reason().camelCase());
      line(StructuredLog.Level.INFO, verdict, csr, violations);
    }
  }

  private void line(
      StructuredLog.Level level, String event, CsrObject csr, List<Violation> violations) {
    LineBudget.Verdict verdict = budget.take(csr.requestor(), log.now());
    if (verdict == LineBudget.Verdict.LEAVE_OUT) {
      return;
    }
    log.line(
        level,
        event,
        "csr",
        csr.name(),
        "requestor",
        csr.requestor(),
        "reason",
        violations.isEmpty() ? "" : violations.getFirst().reason().camelCase(),
        "why",
        VerdictWriter.message(violations));
    sayIfLast(verdict, csr);
  }

  private void sayIfLast(LineBudget.Verdict verdict, CsrObject csr) {
    if (verdict == LineBudget.Verdict.WRITE_LAST) {
      log.warn("further-lines-left-out", "requestor", csr.requestor(), "for", "up to a minute");
    }
  }

  /** Whether the verdict stands; where not, what is to follow has been arranged. */
  private boolean written(CsrObject csr, Memory memory, Outcome<Boolean> outcome) {
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
        retry(csr, memory);
      }
    }
    return false;
  }

  private void refused(CsrObject csr, Memory memory, ApiStatus status) {
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
        retry(csr, memory);
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
        retry(csr, memory);
      }
    }
  }

  /** A verdict stands that we wrote, or tried to write, without hearing what became of it. */
  private void verdictFound(CsrObject csr) {
    for (CsrObject.Condition condition : csr.conditions()) {
      boolean ours = condition.reason().equals(VerdictWriter.APPROVED_REASON);
      log.info(
          "verdict-found",
          "csr",
          csr.name(),
          "requestor",
          csr.requestor(),
          "condition",
          condition.type(),
          "reason",
          condition.reason(),
          "by",
          ours ? "an attempt of ours without an answer, or another replica" : "not known");
    }
  }

  /**
   * Someone changed the request since we read it: read it again and start over. At once the first
   * time only, for someone may go on changing it.
   */
  private void readAgain(CsrObject csr, Memory memory) {
    latest(csr, memory, CsrObject.keptDecoder())
        .ifPresent(
            latest -> {
              int conflicts = memory.conflicts;
              memory.conflicts = conflicts + 1;
              if (conflicts == 0) {
                seen(latest);
              } else {
                pending.put(latest);
                retry(latest, memory);
              }
            });
  }

  /** A request as it is now, if it is still to be decided; if not, what follows is arranged. */
  private Optional<CsrObject> latest(
      CsrObject csr, Memory memory, ObjectDecoder<CsrObject> decoder) {
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
          retry(csr, memory);
        }
      }
      case Outcome.Unreachable<CsrObject> ignored -> retry(csr, memory);
    }
    return Optional.empty();
  }

  /** Queues it again after a pause, once however often it is asked for until then. */
  private void retry(CsrObject csr, Memory memory) {
    if (!memory.retryPlanned.compareAndSet(false, true)) {
      return;
    }
    // Not the request itself, which may be large.
    String requestor = csr.requestor();
    String name = csr.name();
    int failures = memory.failures;
    memory.failures = failures + 1;
    long millis =
        Math.min(FIRST_RETRY.toMillis() << Math.min(failures, 10), LONGEST_RETRY.toMillis());
    long jittered = millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1);
    later.after(
        Duration.ofMillis(jittered),
        "retry " + SafeText.plain(name),
        () -> {
          memory.retryPlanned.set(false);
          queue.add(requestor, name);
        });
  }
}
