package dev.countersign.approver.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.logging.LogFormat;
import dev.countersign.approver.logging.StructuredLog;
import dev.countersign.approver.server.LoopbackServer;
import dev.countersign.approver.server.ProtoWriting;
import dev.countersign.kube.ApiClient;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutomaticApprovalTest {
  /** What the API server says of a SubjectAccessReview. */
  private volatile int status = 201;

  /** The subresource that somebody may create; empty for none. */
  private volatile String bound = "nodeclient";

  @TempDir private Path directory;

  @Test
  void blanketBinding_isToldOnce_countedByItsSubresource_andToldWhenItIsGone() {
    StringWriter lines = new StringWriter();
    try (LoopbackServer server =
            LoopbackServer.start(
                directory,
                false,
                (exchange, body) ->
                    LoopbackServer.reply(
                        exchange,
                        status,
                        ApiClient.PROTOBUF,
                        answer(body.contains("\"subresource\":\"" + bound + "\""))));
        ApiClient client = server.client()) {
      Map<String, Double> first;
      Map<String, Double> gone;
      Map<String, Double> unknown;
      try (StructuredLog log =
          new StructuredLog(
              lines, LogFormat.TEXT, StructuredLog.Level.INFO, InstantSource.system())) {
        AutomaticApproval automatic = new AutomaticApproval(client, log);
        assertThat(automatic.figures()).isEmpty();
        automatic.look();
        automatic.look();
        first = automatic.figures();
        bound = "";
        automatic.look();
        gone = automatic.figures();
        status = 403;
        automatic.look();
        automatic.look();
        unknown = automatic.figures();
      }
      assertThat(first).isEqualTo(Map.of("nodeclient", 1.0, "selfnodeclient", 0.0));
      assertThat(gone).isEqualTo(Map.of("nodeclient", 0.0, "selfnodeclient", 0.0));
      assertThat(unknown).isEmpty();
      assertThat(server.seen().getFirst())
          .contains("system:bootstrap:000000", "\"system:bootstrappers\"");
    }
    assertThat(lines.toString())
        .containsOnlyOnce("join-not-strict")
        .contains("certificatesigningrequests:nodeclient")
        .containsOnlyOnce("join-strict ");
    assertThat(lines.toString().split("join-strictness-unknown", -1)).hasSize(3);
  }

  private static byte[] answer(boolean allowed) {
    return ProtoWriting.object(
        "authorization.k8s.io/v1",
        "SubjectAccessReview",
        ProtoWriting.message(out -> out.writeMessage(3, status -> status.writeBool(1, allowed))));
  }
}
