package dev.countersign.approver.command;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.join.JoinListener;
import dev.countersign.approver.log.LineBudget;
import dev.countersign.approver.log.StructuredLog;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Violation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One line for each verdict of strict join, once it is written, and for what it could not do. A
 * request that is held is looked at again and again: it gets one line for each reason. Thread-safe.
 */
final class JoinLog implements JoinListener {
  /** Lines a minute for all requests together: a leaked token can send any number of them. */
  private static final int PER_MINUTE = 600;

  private static final int REMEMBERED = 10_000;
  private static final String ALL = "all";

  private final StructuredLog log;
  private volatile BiConsumer<String, String> counter = (verdict, reason) -> {};
  private final LineBudget budget = new LineBudget(PER_MINUTE);
  private volatile BiConsumer<CsrObject, List<Violation>> announcer = (csr, violations) -> {};
  private final Map<String, String> held = new Remembered<>();
  private final Map<String, String> announced = new Remembered<>();
  private final Map<String, Verdict> unwritten = new Remembered<>();

  /**
   * What a line says.
   *
   * @param name as it is counted
   * @param reason the first; empty where there is none
   */
  private record Verdict(String name, String reason, String key, String value) {}

  /** The newest of many. */
  private static final class Remembered<T> extends LinkedHashMap<String, T> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
      return size() > REMEMBERED;
    }
  }

  JoinLog(StructuredLog log) {
    this.log = log;
  }

  /** Counts each verdict from now on, and what is held: with the first reason or nothing. */
  void countWith(BiConsumer<String, String> count) {
    counter = count;
  }

  private static String reason(List<Violation> violations) {
    return violations.getFirst().reason().camelCase();
  }

  /** Has an Event written from now on of each request that is denied or deferred, once a reason. */
  void announceWith(BiConsumer<CsrObject, List<Violation>> other) {
    announcer = other;
  }

  @Override
  public void decided(CsrObject csr, Decision decision) {
    switch (decision) {
      case Decision.Hold(List<Violation> violations) -> {
        refused(csr, violations);
        if (isNew(csr.name(), reason(violations))) {
          write(csr.name(), new Verdict("held", reason(violations), "why", why(violations)));
        }
      }
      case Decision.Deny(List<Violation> violations) -> {
        refused(csr, violations);
        remember(csr, new Verdict("denied", reason(violations), "why", why(violations)));
      }
      case Decision.Approve approve ->
          remember(
              csr,
              new Verdict(
                  csr.requestor().startsWith(NodeName.USER_PREFIX) ? "renewed" : "admitted",
                  "",
                  "node",
                  approve.node().text()));
      case Decision.Ignore _ -> {}
    }
  }

  private void refused(CsrObject csr, List<Violation> violations) {
    synchronized (this) {
      if (reason(violations).equals(announced.put(csr.uid(), reason(violations)))) {
        return;
      }
    }
    announcer.accept(csr, violations);
  }

  @Override
  public void written(String request, Step step) {
    Verdict verdict = step == Step.VERDICT ? recall(request) : null;
    if (verdict != null) {
      write(request, verdict);
    }
  }

  private void write(String request, Verdict verdict) {
    counter.accept(verdict.name(), verdict.reason());
    StructuredLog.Level level =
        verdict.name().equals("denied") ? StructuredLog.Level.WARN : StructuredLog.Level.INFO;
    line(level, "join-" + verdict.name(), request, verdict.key(), verdict.value());
  }

  private synchronized void remember(CsrObject csr, Verdict verdict) {
    held.remove(csr.name());
    unwritten.put(csr.name(), verdict);
  }

  private synchronized @Nullable Verdict recall(String request) {
    return unwritten.remove(request);
  }

  private static String why(List<Violation> violations) {
    Violation first = violations.getFirst();
    return first.reason().camelCase() + ": " + first.message();
  }

  private synchronized boolean isNew(String request, String reason) {
    return !reason.equals(held.put(request, reason));
  }

  @Override
  public void troubled(String request, String why) {
    line(StructuredLog.Level.WARN, "join-trouble", request, "why", why);
  }

  /** What says that the watch of the requests broke, as the approver's own watches do. */
  WatchObserver watching() {
    return new WatchObserver() {
      @Override
      public void restarted(String collection, String why) {}

      @Override
      public void troubled(String collection, String why) {
        log.warn("watch-broken", "collection", collection, "why", why);
      }
    };
  }

  private void line(
      StructuredLog.Level level, String event, String request, String key, String value) {
    switch (budget.take(ALL, log.now())) {
      case WRITE -> log.line(level, event, "csr", request, key, value);
      case WRITE_LAST -> {
        log.line(level, event, "csr", request, key, value);
        log.warn("further-lines-left-out", "about", "joins", "for", "up to a minute");
      }
      case LEAVE_OUT -> {}
    }
  }
}
