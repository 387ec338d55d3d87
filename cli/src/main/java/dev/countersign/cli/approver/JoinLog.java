package dev.countersign.cli.approver;

import dev.countersign.approver.join.JoinApprover;
import dev.countersign.approver.join.JoinListener;
import dev.countersign.approver.log.LineBudget;
import dev.countersign.approver.log.StructuredLog;
import dev.countersign.policy.join.JoinDecision;
import dev.countersign.policy.join.JoinViolation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * One line for each verdict of strict join, and for what it could not do. A request that is held is
 * looked at again and again: it gets one line for each reason. Thread-safe.
 */
final class JoinLog implements JoinListener {
  /** Lines a minute for all requests together: a leaked token can send any number of them. */
  private static final int PER_MINUTE = 600;

  private static final int REMEMBERED = 10_000;
  private static final String ALL = "all";

  private final StructuredLog log;
  private volatile BiConsumer<String, String> counter = (verdict, reason) -> {};
  private final LineBudget budget = new LineBudget(PER_MINUTE);
  private final Map<String, String> held =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  JoinLog(StructuredLog log) {
    this.log = log;
  }

  /** Counts each decision from now on: its verdict, and the first reason or nothing. */
  void countWith(BiConsumer<String, String> count) {
    counter = count;
  }

  private static String reason(Iterable<JoinViolation> violations) {
    return JoinApprover.camelCase(violations.iterator().next().reason().name());
  }

  @Override
  public void decided(String request, JoinDecision decision) {
    switch (decision) {
      case JoinDecision.Admit admit -> {
        forget(request);
        counter.accept("admitted", "");
        line(StructuredLog.Level.INFO, "join-admitted", request, "node", admit.node());
      }
      case JoinDecision.Renew renew -> {
        forget(request);
        counter.accept("renewed", "");
        line(StructuredLog.Level.INFO, "join-renewed", request, "node", renew.node());
      }
      case JoinDecision.Deny deny -> {
        forget(request);
        counter.accept("denied", reason(deny.violations()));
        line(StructuredLog.Level.WARN, "join-denied", request, "why", why(deny.violations()));
      }
      case JoinDecision.Hold hold -> {
        if (isNew(request, hold.violations().getFirst().reason().name())) {
          counter.accept("held", reason(hold.violations()));
          line(StructuredLog.Level.INFO, "join-held", request, "why", why(hold.violations()));
        }
      }
    }
  }

  private static String why(Iterable<JoinViolation> violations) {
    return violations.iterator().next().message();
  }

  private synchronized void forget(String request) {
    held.remove(request);
  }

  private synchronized boolean isNew(String request, String reason) {
    return !reason.equals(held.put(request, reason));
  }

  @Override
  public void written(String request, Step step) {
    // the verdict follows from the decision; only what goes wrong needs a line of its own
  }

  @Override
  public void troubled(String request, String why) {
    line(StructuredLog.Level.WARN, "join-trouble", request, "why", why);
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
