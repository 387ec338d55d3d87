package dev.countersign.approver.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.join.JoinListener;
import dev.countersign.approver.log.LogFormat;
import dev.countersign.approver.log.StructuredLog;
import dev.countersign.common.Bytes;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.KeptMetadata;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.request.CsrView;
import dev.countersign.policy.request.SignerName;
import java.io.StringWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class JoinLogTest {
  private static final Decision HOLD =
      new Decision.Hold(
          List.of(new Violation(Reason.FACT_UNKNOWN, "grant", "no answer", "an answer")));

  private static final Decision RENEWAL =
      new Decision.Approve(NodeName.parse("node-1").orElseThrow(), List.of());

  private static CsrObject csr(String name, String username) {
    return new CsrObject(
        "uid-1",
        "7",
        new CsrView(
            name,
            "uid-1",
            SignerName.KUBELET_CLIENT,
            new CsrView.Requestor(username, "", List.of(), Map.of()),
            List.of(),
            Optional.empty(),
            Instant.EPOCH,
            Bytes.ofUtf8(""),
            List.of(),
            false,
            false),
        List.of(),
        Bytes.ofUtf8(""),
        KeptMetadata.NONE,
        CsrObject.Extent.WHOLE);
  }

  private static List<String> lines(Consumer<JoinLog> work) {
    StringWriter out = new StringWriter();
    try (StructuredLog log =
        new StructuredLog(out, LogFormat.JSON, InstantSource.fixed(Instant.EPOCH))) {
      work.accept(new JoinLog(log));
    }
    return out.toString().lines().toList();
  }

  @Test
  void requestLookedAtAgain_getsOneLine() {
    List<String> lines =
        lines(
            log -> {
              for (int i = 0; i < 50; i++) {
                log.decided(csr("csr-1", "system:node:node-1"), HOLD);
              }
              log.decided(csr("csr-1", "system:node:node-1"), RENEWAL);
              log.written("csr-1", JoinListener.Step.VERDICT);
            });
    assertEquals(2, lines.size(), lines.toString());
    assertTrue(lines.getFirst().contains("\"event\":\"join-held\",\"csr\":\"csr-1\""));
    assertTrue(lines.getLast().contains("\"event\":\"join-renewed\""));
  }

  /** An approval that is refused is decided on again each time it is looked at. */
  @Test
  void verdict_isSaidAndCounted_onceItIsWritten() {
    List<String> counted = new ArrayList<>();
    List<String> lines =
        lines(
            log -> {
              log.countWith((verdict, reason) -> counted.add(verdict + " " + reason));
              for (int i = 0; i < 5; i++) {
                log.decided(csr("csr-1", "system:node:node-1"), RENEWAL);
              }
              log.written("csr-1", JoinListener.Step.CLAIM);
              assertTrue(counted.isEmpty(), counted.toString());
              log.written("csr-1", JoinListener.Step.VERDICT);
            });
    assertEquals(1, lines.size(), lines.toString());
    assertEquals(List.of("renewed "), counted);
  }

  @Test
  void requestThatIsHeld_hasOneEventForEachReason() {
    CsrObject csr = csr("csr-1", "system:bootstrap:abc123");
    List<String> events = new ArrayList<>();
    lines(
        log -> {
          log.announceWith((about, why) -> events.add(why.getFirst().reason().camelCase()));
          for (int i = 0; i < 3; i++) {
            log.decided(csr, HOLD);
          }
          log.decided(
              csr,
              new Decision.Deny(
                  List.of(new Violation(Reason.NODE_TAKEN, "node", "one", "a free name"))));
        });
    assertEquals(List.of("FactUnknown", "NodeTaken"), events);
  }

  @Test
  void watchThatBreaks_isSaid() {
    List<String> lines = lines(log -> log.watching().troubled("requests", "list: 403"));
    assertEquals(1, lines.size(), lines.toString());
    assertTrue(
        lines.getFirst().contains("\"event\":\"watch-broken\",\"collection\":\"requests\""),
        lines.getFirst());
  }

  @Test
  void flood_isCutAndSaysSo() {
    List<String> lines =
        lines(
            log -> {
              for (int i = 0; i < 5_000; i++) {
                log.decided(csr("csr-" + i, "system:bootstrap:abc123"), HOLD);
              }
            });
    assertTrue(lines.size() < 700, String.valueOf(lines.size()));
    assertTrue(lines.getLast().contains("further-lines-left-out"), lines.getLast());
  }
}
