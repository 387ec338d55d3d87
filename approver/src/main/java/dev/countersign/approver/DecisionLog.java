package dev.countersign.approver;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.log.LineBudget;
import dev.countersign.approver.log.StructuredLog;
import dev.countersign.approver.write.VerdictWriter;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Violation;
import java.time.Duration;
import java.util.List;

/**
 * The lines of the log about requests and their verdicts. Of one requestor so many a minute, so
 * that nobody can drown what is logged of others.
 */
final class DecisionLog {
  private static final int LINES_A_MINUTE = 60;

  private final StructuredLog log;
  private final LineBudget budget = new LineBudget(LINES_A_MINUTE);

  DecisionLog(StructuredLog log) {
    this.log = log;
  }

  /** A request is left to someone else. */
  void ignored(CsrObject csr, Decision.Ground ground) {
    LineBudget.Verdict verdict = budget.take(csr.requestor(), log.now());
    if (verdict != LineBudget.Verdict.LEAVE_OUT) {
      log.debug("ignored", "csr", csr.name(), "requestor", csr.requestor(), "why", ground.text());
    }
  }

  /** More requests wait than are looked at: of this requestor, or in all. */
  void tooMany(CsrObject csr, PendingRequests.Bound bound, int waiting) {
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
              waiting,
              "why",
              "more wait than are looked at in all; of whoever has most the newest go first",
              "next",
              "see why they wait (countersign csr list); delete what nobody should have asked for");
    }
  }

  /** A request has a name that no object of ours can be called after. */
  void nameTooLong(CsrObject csr) {
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

  /**
   * A request is approved.
   *
   * @param notices what is to be known of it all the same
   * @param sinceSeen how long after it was first seen
   */
  void approved(CsrObject csr, NodeName node, List<Violation> notices, Duration sinceSeen) {
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

  /** A request is denied or held, or would be approved or denied in a mode that does not write. */
  void refused(StructuredLog.Level level, String event, CsrObject csr, List<Violation> violations) {
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

  /** A verdict stands that we wrote, or tried to write, without hearing what became of it. */
  void verdictFound(CsrObject csr) {
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

  private void sayIfLast(LineBudget.Verdict verdict, CsrObject csr) {
    if (verdict == LineBudget.Verdict.WRITE_LAST) {
      log.warn("further-lines-left-out", "requestor", csr.requestor(), "for", "up to a minute");
    }
  }
}
