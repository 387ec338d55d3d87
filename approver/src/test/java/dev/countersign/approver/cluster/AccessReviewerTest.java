package dev.countersign.approver.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.server.LoopbackServer;
import dev.countersign.approver.server.ProtoWriting;
import dev.countersign.kube.ApiClient;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.request.CsrSpec.Requestor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessReviewerTest {
  private static final Requestor REQUESTOR =
      new Requestor(
          "system:node:n",
          "u-1",
          List.of("system:nodes", "system:authenticated"),
          Map.of("example.com/k", List.of("v", "w")));
  private static final AccessAttributes ATTRIBUTES =
      new AccessAttributes(
          "create", "certificates.k8s.io", "certificatesigningrequests", Optional.of("nodeclient"));

  @TempDir private Path directory;

  private Fact<AccessReview> review(int status, String type, byte[] answer) {
    try (LoopbackServer server =
            LoopbackServer.start(
                directory,
                false,
                (exchange, body) -> LoopbackServer.reply(exchange, status, type, answer));
        ApiClient client = server.client()) {
      Fact<AccessReview> fact = new AccessReviewer(client).review(REQUESTOR, ATTRIBUTES);
      assertThat(server.seen())
          .containsExactly(
              "POST /apis/authorization.k8s.io/v1/subjectaccessreviews "
                  + "{\"spec\":{\"resourceAttributes\":{\"verb\":\"create\","
                  + "\"group\":\"certificates.k8s.io\",\"resource\":\"certificatesigningrequests\","
                  + "\"subresource\":\"nodeclient\"},\"user\":\"system:node:n\","
                  + "\"groups\":[\"system:nodes\",\"system:authenticated\"],"
                  + "\"extra\":{\"example.com/k\":[\"v\",\"w\"]},\"uid\":\"u-1\"}}");
      return fact;
    }
  }

  private Fact<AccessReview> reviewInJson(int status, String answer) {
    return review(status, ApiClient.JSON, answer.getBytes(StandardCharsets.UTF_8));
  }

  private Fact<AccessReview> reviewInProtobuf(boolean allowed, boolean denied, String reason) {
    byte[] review =
        ProtoWriting.message(
            out -> {
              out.writeMessage(2, spec -> spec.writeString(3, "system:node:n"));
              out.writeMessage(
                  3,
                  status -> {
                    status.writeBool(1, allowed);
                    status.writeString(2, reason);
                    status.writeString(3, "an error");
                    status.writeBool(4, denied);
                  });
            });
    return review(
        201,
        ApiClient.PROTOBUF,
        ProtoWriting.object("authorization.k8s.io/v1", "SubjectAccessReview", review));
  }

  @Test
  void review_allowed_isAllowed() {
    Fact<AccessReview> allowed = Fact.known(new AccessReview.Allowed());
    assertThat(reviewInProtobuf(true, false, "by a role")).isEqualTo(allowed);
  }

  @Test
  void review_notAllowed_isRefused_withItsReason() {
    Fact<AccessReview> refused = Fact.known(new AccessReview.Refused("no role"));
    assertThat(reviewInProtobuf(false, false, "no role")).isEqualTo(refused);
  }

  /** Denied overrules allowed (k8s.io/api, authorization/v1, SubjectAccessReviewStatus). */
  @Test
  void review_allowedAndDenied_isRefused() {
    Fact<AccessReview> refused = Fact.known(new AccessReview.Refused("a webhook"));
    assertThat(reviewInProtobuf(true, true, "a webhook")).isEqualTo(refused);
  }

  @Test
  void review_withoutAnswer_isRefused() {
    assertThat(
            review(
                201,
                ApiClient.PROTOBUF,
                ProtoWriting.object("authorization.k8s.io/v1", "SubjectAccessReview", new byte[0])))
        .isEqualTo(Fact.known(new AccessReview.Refused("")));
  }

  /** Of whatever it is, as an API server sends what it is asked for. */
  @Test
  void review_answeredInJson_isUnknown_andSaysWhy() {
    assertThat(reviewInJson(201, "{\"status\":{\"allowed\":true}}"))
        .isInstanceOfSatisfying(
            Fact.Unknown.class,
            unknown -> assertThat(unknown.why()).contains("is this an API server?"));
  }

  @Test
  void review_forbidden_isUnknown_andSaysWhy() {
    assertThat(reviewInJson(403, "{\"reason\":\"Forbidden\",\"message\":\"may not create\"}"))
        .isInstanceOfSatisfying(
            Fact.Unknown.class,
            unknown ->
                assertThat(unknown.why())
                    .startsWith("SubjectAccessReview: ")
                    .contains("may not create"));
  }

  /** As by a proxy that lets JSON through only. */
  @Test
  void review_protobufRefused_isUnknown_andSaysWhy() {
    assertThat(reviewInJson(415, "{\"reason\":\"UnsupportedMediaType\",\"message\":\"not that\"}"))
        .isInstanceOfSatisfying(
            Fact.Unknown.class, unknown -> assertThat(unknown.why()).contains("not that"));
  }
}
