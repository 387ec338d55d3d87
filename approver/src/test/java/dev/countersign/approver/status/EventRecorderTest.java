package dev.countersign.approver.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.server.LoopbackServer;
import dev.countersign.approver.server.ProtobufText;
import dev.countersign.kube.ApiClient;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventRecorderTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final List<Violation> VIOLATIONS =
      List.of(
          new Violation(
              Reason.SAN_TYPE_NOT_ALLOWED, "request.san.email[0]", "a@b", "no e-mail address"));

  @TempDir private Path directory;
  private final BlockingQueue<EventRecorder.Fate> fates = new LinkedBlockingQueue<>();

  private static CsrObject csr(String name, String user) throws IOException {
    String json =
        """
        {"metadata":{"name":"%s","uid":"uid-of-%s","resourceVersion":"1"},
         "spec":{"signerName":"kubernetes.io/kubelet-serving","username":"%s"}}
        """
            .formatted(name, name, user);
    return ProtobufText.request(json, CsrObject.decoder());
  }

  private LoopbackServer server(int status, String answer) {
    return LoopbackServer.start(
        directory, false, (exchange, body) -> LoopbackServer.reply(exchange, status, answer));
  }

  private EventRecorder writer(ApiClient client) {
    return new EventRecorder(client, () -> NOW, fates::add);
  }

  private EventRecorder.Fate next() throws InterruptedException {
    EventRecorder.Fate fate = fates.poll(20, TimeUnit.SECONDS);
    assertThat(fate).as("what became of an Event, within 20 s").isNotNull();
    return fate;
  }

  @Test
  void refused_ofANode_isSaidOnTheRequestAndOnTheNode() throws Exception {
    try (LoopbackServer server = server(201, "{}");
        ApiClient client = server.client()) {
      EventRecorder writer = writer(client);
      writer.refused(csr("csr-1", "system:node:worker-1"), VIOLATIONS);
      Thread thread = Thread.ofVirtual().start(writer);

      assertThat(List.of(next(), next()))
          .containsExactly(EventRecorder.Fate.WRITTEN, EventRecorder.Fate.WRITTEN);
      assertThat(server.seen()).hasSize(2);
      assertThat(server.seen().get(0))
          .startsWith("POST /api/v1/namespaces/default/events ")
          .contains("\"kind\":\"CertificateSigningRequest\"", "\"uid\":\"uid-of-csr-1\"")
          .contains("\"reason\":\"SanTypeNotAllowed\"", "\"type\":\"Warning\"")
          .contains("request.san.email[0]: got a@b; want no e-mail address");
      assertThat(server.seen().get(1))
          .contains("\"kind\":\"Node\"", "\"name\":\"worker-1\",\"uid\":\"worker-1\"")
          .contains("request csr-1: ");
      thread.interrupt();
      thread.join();
    }
  }

  @Test
  void refused_ofNoNode_isSaidOnTheRequestAlone_andAFailureIsCounted() throws Exception {
    try (LoopbackServer server = server(403, "{\"kind\":\"Status\",\"reason\":\"Forbidden\"}");
        ApiClient client = server.client()) {
      EventRecorder writer = writer(client);
      Thread thread = Thread.ofVirtual().start(writer);
      writer.refused(csr("csr-2", "system:serviceaccount:a:b"), VIOLATIONS);

      assertThat(next()).isEqualTo(EventRecorder.Fate.FAILED);
      assertThat(server.seen()).hasSize(1);
      thread.interrupt();
      thread.join();
    }
  }

  /**
   * Nobody writes here: what is beyond a requestor's budget is left out, what is beyond the queue
   * dropped.
   */
  @Test
  void refused_flood_isBounded() throws Exception {
    try (LoopbackServer server = server(201, "{}");
        ApiClient client = server.client()) {
      EventRecorder writer = writer(client);
      for (int i = 0; i < 200; i++) {
        writer.refused(csr("flood-" + i, "system:node:worker-1"), VIOLATIONS);
      }
      List<EventRecorder.Fate> flood = drained();
      assertThat(flood).hasSize(80).containsOnly(EventRecorder.Fate.LEFT_OUT);

      for (int i = 0; i < 2 * EventRecorder.MOST_WAITING; i++) {
        writer.refused(csr("other-" + i, "system:serviceaccount:a:" + i), VIOLATIONS);
      }
      // 120 of the flood, twice each, wait already.
      assertThat(drained())
          .hasSize(EventRecorder.MOST_WAITING + 240)
          .containsOnly(EventRecorder.Fate.DROPPED);
      assertThat(server.seen()).isEmpty();
    }
  }

  private List<EventRecorder.Fate> drained() {
    List<EventRecorder.Fate> all = new ArrayList<>();
    fates.drainTo(all);
    return all;
  }
}
