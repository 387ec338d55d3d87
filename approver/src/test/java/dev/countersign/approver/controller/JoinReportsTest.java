package dev.countersign.approver.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.PendingRequests;
import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.metrics.ApproverMetrics;
import dev.countersign.approver.metrics.CertificateExpiries;
import dev.countersign.approver.queue.FairWorkQueue;
import dev.countersign.approver.server.Surroundings;
import dev.countersign.common.Bytes;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.PreservedMetadata;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import dev.countersign.testkit.FixedClock;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of requests to join, by results that the test chooses. */
final class JoinReportsTest {
  private static final Decision HOLD =
      new Decision.Defer(
          List.of(new Violation(Reason.FACT_UNKNOWN, "grant", "no answer", "an answer")));
  private static final Decision RENEWAL =
      new Decision.Approve(NodeName.parse("node-1").orElseThrow(), List.of());
  private static final Decision DENIAL =
      new Decision.Deny(List.of(new Violation(Reason.NODE_TAKEN, "node", "one", "a free name")));

  @TempDir private Path directory;
  private final FixedClock clock = FixedClock.at("2026-11-22T10:00:00Z");
  private final StringWriter out = new StringWriter();
  private final StructuredLog log = new StructuredLog(out, LogFormat.JSON, clock);
  private final ApproverMetrics metrics = new ApproverMetrics();
  private final AtomicLong nanos = new AtomicLong();
  private final List<String> events = new ArrayList<>();
  private final PendingRequests pending =
      new PendingRequests(SignerName.KUBELET_CLIENT, 10_000, 10_000);
  private Result result = new Result.Undecided(HOLD);
  private Surroundings around;
  private Reconciler reconciler;

  @BeforeEach
  void begin() {
    around = new Surroundings(directory, pending, metrics, log, clock);
    reconciler =
        new Reconciler(
            around.client(),
            new CsrHandler() {
              @Override
              public SignerName signer() {
                return SignerName.KUBELET_CLIENT;
              }

              @Override
              public Optional<Decision.Ground> groundToIgnore(CsrSpec csr) {
                return Optional.empty();
              }

              @Override
              public Result handle(CsrObject csr) {
                return result;
              }
            },
            pending,
            new FairWorkQueue(1),
            new DecisionReports(
                DecisionReports.Kind.JOIN,
                log,
                metrics,
                new CertificateExpiries(0),
                (csr, why) -> events.add(why.getFirst().reason().camelCase())),
            nanos::get,
            (length, name, then) -> {});
  }

  @AfterEach
  void end() {
    around.close();
    log.close();
  }

  private static CsrObject csr(String name, String username) {
    return new CsrObject(
        "uid of " + name,
        "7",
        new CsrSpec(
            name,
            "uid of " + name,
            SignerName.KUBELET_CLIENT,
            new CsrSpec.Requestor(username, "", List.of(), Map.of()),
            List.of(),
            Optional.empty(),
            Instant.EPOCH,
            Bytes.ofUtf8(""),
            List.of(),
            false,
            false),
        List.of(),
        Bytes.ofUtf8(""),
        PreservedMetadata.NONE,
        CsrObject.Extent.WHOLE);
  }

  private void look(String name, Result next) {
    result = next;
    reconciler.reconcile(name);
    nanos.addAndGet(3_000_000_000L);
    reconciler.announceHeld();
  }

  private List<String> lines() {
    log.close();
    return out.toString().lines().toList();
  }

  private double joins(String verdict, String reason) throws IOException {
    return Surroundings.value(
        metrics,
        "countersign_join_decisions_total{reason=\"%s\",verdict=\"%s\"}"
            .formatted(reason, verdict));
  }

  @Test
  void requestLookedAtAgain_getsOneLine_andOneEvent_forEachReason() {
    reconciler.seen(csr("csr-1", "system:bootstrap:abc123"));
    for (int i = 0; i < 50; i++) {
      look("csr-1", new Result.Undecided(HOLD));
    }
    look("csr-1", new Result.Written(DENIAL));

    assertThat(lines())
        .hasSize(2)
        .satisfiesExactly(
            held -> assertThat(held).contains("\"event\":\"join-deferred\",\"csr\":\"csr-1\""),
            denied -> assertThat(denied).contains("\"event\":\"join-denied\"", "NodeTaken"));
    assertThat(events).containsExactly("FactUnknown", "NodeTaken");
  }

  /** An approval that is refused is decided on again each time it is looked at. */
  @Test
  void verdict_isSaidAndCounted_onceItIsWritten() throws IOException {
    reconciler.seen(csr("csr-1", "system:node:node-1"));
    for (int i = 0; i < 5; i++) {
      look("csr-1", new Result.Unanswered("a time-out"));
    }
    assertThat(joins("renewed", "")).isZero();
    look("csr-1", new Result.Written(RENEWAL));

    assertThat(joins("renewed", "")).isEqualTo(1);
    assertThat(lines())
        .filteredOn(line -> line.contains("join-"))
        .singleElement()
        .asString()
        .contains("\"event\":\"join-renewed\"", "\"node\":\"node-1\"");
  }

  @Test
  void tokenThatJoins_isSaidToBeAdmitted() {
    reconciler.seen(csr("csr-1", "system:bootstrap:abc123"));
    look("csr-1", new Result.Written(RENEWAL));

    assertThat(lines()).singleElement().asString().contains("\"event\":\"join-admitted\"");
  }

  @Test
  void flood_isCutAndSaysSo() {
    for (int i = 0; i < 5_000; i++) {
      reconciler.seen(csr("csr-" + i, "system:bootstrap:abc123"));
      reconciler.reconcile("csr-" + i);
    }
    nanos.addAndGet(3_000_000_000L);
    reconciler.announceHeld();

    List<String> lines = lines();
    assertThat(lines.size()).isLessThan(700);
    assertThat(lines.getLast()).contains("further-lines-left-out");
  }
}
