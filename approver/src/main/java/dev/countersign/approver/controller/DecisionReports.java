package dev.countersign.approver.controller;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.logging.LogRateLimiter;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.metrics.CertificateExpiries;
import dev.countersign.approver.status.ApprovalUpdater;
import dev.countersign.common.ParseResult;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Violation;
import dev.countersign.x509.certificate.Certificate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What is said about requests and their verdicts: lines of the log, metrics, Events. Lines are
 * bounded by the minute, so that nobody can drown what is logged of others. Thread-safe.
 */
public final class DecisionReports {
  /** Whose requests: how they are called, counted and bounded. */
  public enum Kind {
    /** Serving certificates, so many lines for each requestor. */
    SERVING("", 60),
    /** Client certificates, so many lines in all: a leaked token can send any number of them. */
    JOIN("join-", 600);

    private final String prefix;
    private final int linesAMinute;

    Kind(String prefix, int linesAMinute) {
      this.prefix = prefix;
      this.linesAMinute = linesAMinute;
    }
  }

  private final Kind kind;
  private final StructuredLog log;
  private final ApproverMetrics metrics;
  private final CertificateExpiries expiries;
  private final BiConsumer<CsrObject, List<Violation>> events;
  private final LogRateLimiter budget;

  /**
   * Reports of one controller.
   *
   * @param expiries of the certificates that are issued
   * @param events writes an Event of a request that is denied or deferred; must not block
   */
  public DecisionReports(
      Kind kind,
      StructuredLog log,
      ApproverMetrics metrics,
      CertificateExpiries expiries,
      BiConsumer<CsrObject, List<Violation>> events) {
    this.kind = kind;
    this.log = log;
    this.metrics = metrics;
    this.expiries = expiries;
    this.events = events;
    this.budget = new LogRateLimiter(kind.linesAMinute);
  }

  /** Whether the certificate in a request that has its verdict is of interest. */
  boolean wantsCertificates() {
    return expiries.on();
  }

  /** A request was read, whatever its state. */
  void seen(CsrObject csr) {
    if (!expiries.on() || csr.certificate().size() == 0) {
      return;
    }
    Optional<NodeName> node = NodeName.ofUser(csr.requestor());
    String pem = new String(csr.certificate().toByteArray(), StandardCharsets.ISO_8859_1);
    if (node.isPresent()
        && Certificate.parsePem(pem) instanceof ParseResult.Parsed<Certificate>(var c)) {
      expiries.issued(node.get(), c.notAfter());
    }
  }

  /** A request is left to someone else. */
  void ignored(CsrObject csr, Decision.Ground ground) {
    metrics.ignored();
    if (takeLine(csr) != LogRateLimiter.Verdict.LEAVE_OUT) {
      log.debug("ignored", "csr", csr.name(), "requestor", csr.requestor(), "why", ground.text());
    }
  }

  /**
   * More requests wait than are looked at: of this requestor, or in all.
   *
   * @param first whether it is the first since the last list
   */
  void displaced(CsrObject csr, PendingRequests.Bound bound, boolean first, int waiting) {
    metrics.displaced(bound);
    if (!first) {
      return;
    }
    switch (bound) {
      case REQUESTOR ->
          log.warn(
              "too-many-requests",
              "requestor",
              csr.requestor(),
              "why",
              "more wait than are looked at; the newest ones go first",
              "next",
              "see what runs as this "
                  + switch (kind) {
                    case SERVING -> "Node";
                    case JOIN -> "user";
                  }
                  + "; delete what it should not have asked for");
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
    LogRateLimiter.Verdict verdict = takeLine(csr);
    if (verdict != LogRateLimiter.Verdict.LEAVE_OUT) {
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
    String event =
        switch (kind) {
          case SERVING -> {
            metrics.approved(Duration.between(csr.view().created(), log.now()), sinceSeen);
            yield "approved";
          }
          case JOIN -> csr.requestor().startsWith(NodeName.USER_PREFIX) ? "renewed" : "admitted";
        };
    count(event, notices);
    LogRateLimiter.Verdict verdict = takeLine(csr);
    if (verdict == LogRateLimiter.Verdict.LEAVE_OUT) {
      return;
    }
    String shown = kind.prefix + event;
    if (notices.isEmpty()) {
      log.info(shown, "csr", csr.name(), "node", node.text(), "took_ms", sinceSeen.toMillis());
    } else {
      log.warn(
          shown,
          "csr",
          csr.name(),
          "node",
          node.text(),
          "took_ms",
          sinceSeen.toMillis(),
          "notices",
          ApprovalUpdater.message(notices));
    }
    sayIfLast(verdict, csr);
  }

  /** A request is denied. */
  void denied(CsrObject csr, List<Violation> violations) {
    refused(StructuredLog.Level.WARN, "denied", csr, violations);
    events.accept(csr, violations);
  }

  /** A request is deferred for a while. */
  void deferred(CsrObject csr, List<Violation> violations) {
    refused(StructuredLog.Level.INFO, "deferred", csr, violations);
    events.accept(csr, violations);
  }

  /** A request would be approved or denied in a mode that writes that. */
  void notWritten(CsrObject csr, Decision decision) {
    refused(
        StructuredLog.Level.INFO,
        decision instanceof Decision.Approve ? "would-approve" : "would-deny",
        csr,
        decision.violations());
  }

  private void refused(
      StructuredLog.Level level, String event, CsrObject csr, List<Violation> violations) {
    count(event, violations);
    LogRateLimiter.Verdict verdict = takeLine(csr);
    if (verdict == LogRateLimiter.Verdict.LEAVE_OUT) {
      return;
    }
    log.line(
        level,
        kind.prefix + event,
        "csr",
        csr.name(),
        "requestor",
        csr.requestor(),
        "reason",
        firstReason(violations),
        "why",
        ApprovalUpdater.message(violations));
    sayIfLast(verdict, csr);
  }

  /** A verdict stands that we wrote, or tried to write, without hearing what became of it. */
  void verdictFound(CsrObject csr) {
    for (CsrObject.Condition condition : csr.conditions()) {
      boolean ours = ApprovalUpdater.isOurs(condition.reason());
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

  /** A write failed; it is tried again. */
  void writeFailed(CsrObject csr, Result.Refused refused, boolean isWorthALine) {
    metrics.writeProblem(refused.status().reason().name().toLowerCase(Locale.ROOT));
    if (isWorthALine) {
      log.warn("write-refused", "csr", csr.name(), "why", refused.status());
    }
  }

  /** A write is not allowed. */
  void notAllowed(CsrObject csr, Result.Refused refused) {
    metrics.writeProblem(refused.status().reason().name().toLowerCase(Locale.ROOT));
    log.error(
        "not-allowed",
        "csr",
        csr.name(),
        "why",
        refused.status().message(),
        "next",
        "grant approve on signers "
            + csr.view().signer()
            + " and update on certificatesigningrequests/approval"
            + switch (kind) {
              case SERVING -> "";
              case JOIN -> ", and get, create and update on the ConfigMaps of joins";
            });
  }

  /** Nobody knows whether a write was made. */
  void unanswered(CsrObject csr, String why) {
    metrics.writeProblem("unreachable");
    log.warn("write-unanswered", "csr", csr.name(), "why", why);
  }

  /** A bug of ours on one request must not stop the others; it stays pending and is seen. */
  void brokeOff(String name, RuntimeException e) {
    metrics.writeProblem("bug");
    log.error("decision-broke-off", "csr", name, "why", e);
  }

  private void count(String verdict, List<Violation> violations) {
    switch (kind) {
      case SERVING -> metrics.decided(verdict, firstReason(violations));
      case JOIN -> metrics.joined(verdict, firstReason(violations));
    }
  }

  private static String firstReason(List<Violation> violations) {
    return violations.isEmpty() ? "" : violations.getFirst().reason().camelCase();
  }

  private LogRateLimiter.Verdict takeLine(CsrObject csr) {
    return switch (kind) {
      case SERVING -> budget.take(csr.requestor(), log.now());
      case JOIN -> budget.take("all", log.now());
    };
  }

  private void sayIfLast(LogRateLimiter.Verdict verdict, CsrObject csr) {
    if (verdict == LogRateLimiter.Verdict.WRITE_LAST) {
      switch (kind) {
        case SERVING ->
            log.warn(
                "further-lines-left-out", "requestor", csr.requestor(), "for", "up to a minute");
        case JOIN -> log.warn("further-lines-left-out", "about", "joins", "for", "up to a minute");
      }
    }
  }
}
