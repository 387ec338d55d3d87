package dev.countersign.approver.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.server.LoopbackServer;
import dev.countersign.approver.server.ProtobufText;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.StatusReason;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.decision.Violation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApprovalUpdaterTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.987654Z");
  private static final String TARGET =
      "PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/csr-1/approval ";
  private static final Violation EMAIL =
      new Violation(Reason.SAN_TYPE_NOT_ALLOWED, "request.san.email[0]", "a@b", "no e-mail");

  @TempDir private Path directory;

  private static CsrObject csr(String more, String conditions) throws IOException {
    String json =
        """
        {"metadata":{"name":"csr-1","uid":"u","resourceVersion":"41"%s},
         "spec":{"request":"QUJD","signerName":"kubernetes.io/kubelet-serving","username":"x"},
         "status":{"conditions":[%s]}}
        """
            .formatted(more, conditions);
    return ProtobufText.request(json, CsrObject.decoder());
  }

  private LoopbackServer server(int status, String answer) {
    return LoopbackServer.start(
        directory, false, (exchange, body) -> LoopbackServer.reply(exchange, status, answer));
  }

  @Test
  void approve_sendsNameVersionAndConditionOnly() throws Exception {
    try (LoopbackServer server = server(200, "{}");
        ApiClient client = server.client()) {
      assertThat(new ApprovalUpdater(client, () -> NOW).approve(csr("", ""), "node-a"))
          .isInstanceOf(ApiResult.Done.class);
      assertThat(server.seen())
          .containsExactly(
              TARGET
                  + "{\"metadata\":{\"name\":\"csr-1\",\"resourceVersion\":\"41\"},"
                  + "\"status\":{\"conditions\":[{\"type\":\"Approved\","
                  + "\"reason\":\"CountersignApproved\",\"message\":\"every name and address"
                  + " requested belongs to Node node-a\","
                  + "\"lastUpdateTime\":\"2026-11-22T10:00:00Z\",\"status\":\"True\"}]}}");
    }
  }

  /** A PUT replaces metadata and conditions as a whole: what others wrote is sent along. */
  @Test
  void deny_othersMetadataAndConditions_areKept() throws Exception {
    try (LoopbackServer server = server(200, "{}");
        ApiClient client = server.client()) {
      CsrObject csr =
          csr(
              """
              ,"generateName":"csr-","labels":{"team":"a"},"annotations":{"k":"v","none":""},
              "finalizers":["example.com/f"],"ownerReferences":[{"apiVersion":"v1","kind":"Node",
              "name":"n","uid":"u-n","controller":true,"blockOwnerDeletion":false}]
              """,
              """
              {"type":"Seen","status":"True","reason":"r","message":"m",
              "lastUpdateTime":"2026-11-22T09:00:00Z"},
              {"type":"Read","status":"True","reason":"s","message":"n"}
              """);
      new ApprovalUpdater(client, () -> NOW).deny(csr, List.of(EMAIL));
      assertThat(server.seen().getFirst())
          .endsWith(
              "{\"metadata\":{\"name\":\"csr-1\",\"resourceVersion\":\"41\","
                  + "\"generateName\":\"csr-\",\"labels\":{\"team\":\"a\"},"
                  + "\"annotations\":{\"k\":\"v\",\"none\":\"\"},"
                  + "\"ownerReferences\":[\"0a044e6f64651a016e2203752d6e2a02763130013800\"],"
                  + "\"finalizers\":[\"example.com/f\"]},\"status\":{\"conditions\":["
                  + "{\"type\":\"Seen\",\"reason\":\"r\",\"message\":\"m\","
                  + "\"lastUpdateTime\":\"2026-11-22T09:00:00Z\",\"status\":\"True\"},"
                  + "{\"type\":\"Read\",\"reason\":\"s\",\"message\":\"n\",\"status\":\"True\"},"
                  + "{\"type\":\"Denied\",\"reason\":\"SanTypeNotAllowed\",\"message\":\"SanTypeNotAllowed:"
                  + " request.san.email[0]: got a@b; want no"
                  + " e-mail\",\"lastUpdateTime\":\"2026-11-22T10:00:00Z\",\"status\":\"True\"}]}}");
    }
  }

  @Test
  void approve_conflict_isRefusedOnce_withItsReason() throws Exception {
    try (LoopbackServer server =
            server(409, "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"message\":\"changed\"}");
        ApiClient client = server.client()) {
      ApiResult<Boolean> outcome =
          new ApprovalUpdater(client, () -> NOW).approve(csr("", ""), "node-a");
      assertThat(outcome)
          .isInstanceOfSatisfying(
              ApiResult.Refused.class,
              refused -> assertThat(refused.status().reason()).isEqualTo(StatusReason.CONFLICT));
      assertThat(server.seen()).hasSize(1);
    }
  }

  @Test
  void message_ofVeryManyViolations_isBounded_andSaysThatThereAreMore() {
    List<Violation> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(EMAIL);
    }
    String text = ApprovalUpdater.message(many);
    assertThat(text)
        .startsWith("SanTypeNotAllowed: request.san.email[0]: got a@b; want no e-mail; SanType")
        .endsWith("; and more")
        .hasSizeBetween(820, 912);
    assertThat(ApprovalUpdater.message(List.of(EMAIL, EMAIL))).doesNotContain("and more");
  }
}
