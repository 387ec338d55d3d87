package dev.countersign.approver.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.CodedInputStream;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.proto.ProtoReading;
import dev.countersign.kube.proto.ProtoWriting;
import dev.countersign.policy.config.PolicyConfig.AccessAttributes;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.request.CsrView.Requestor;
import java.io.IOException;

/**
 * Asks the API server whether a requestor may do something: SubjectAccessReview, in protobuf
 * (k8s.io/api, authorization/v1/generated.proto).
 */
public final class AccessReviewer {
  private static final String TARGET =
      ApiQuery.path("apis", "authorization.k8s.io", "v1", "subjectaccessreviews");

  private static final ObjectDecoder<AccessReview> ANSWER =
      ObjectDecoder.of(AccessReviewer::read, AccessReviewer::read);

  private final ApiClient client;

  /** A reviewer that asks through {@code client}. */
  public AccessReviewer(ApiClient client) {
    this.client = client;
  }

  /** The server's answer; unknown when it does not give one. */
  public Fact<AccessReview> review(Requestor requestor, AccessAttributes attributes) {
    byte[] review =
        ProtoWriting.message(
            out -> out.writeMessage(2, spec -> write(requestor, attributes, spec)));
    byte[] body = ProtoWriting.object("authorization.k8s.io/v1", "SubjectAccessReview", review);
    return switch (client.review(TARGET, body, ANSWER)) {
      case Outcome.Done<AccessReview>(AccessReview answer) -> Fact.known(answer);
      case Outcome.Refused<AccessReview>(ApiStatus status) ->
          Fact.unknown("SubjectAccessReview: " + status);
      case Outcome.Unreachable<AccessReview>(String why) ->
          Fact.unknown("SubjectAccessReview: " + why);
    };
  }

  private static void write(
      Requestor requestor, AccessAttributes attributes, ProtoWriting.Message spec) {
    spec.writeMessage(
        1,
        resource -> {
          resource.writeString(2, attributes.verb());
          resource.writeString(3, attributes.group());
          resource.writeString(5, attributes.resource());
          attributes.subresource().ifPresent(name -> resource.writeString(6, name));
        });
    spec.writeString(3, requestor.username());
    requestor.groups().forEach(group -> spec.writeString(4, group));
    requestor
        .extra()
        .forEach(
            (key, values) ->
                spec.writeMessage(
                    5,
                    entry -> {
                      entry.writeString(1, key);
                      entry.writeMessage(
                          2, list -> values.forEach(value -> list.writeString(1, value)));
                    }));
    spec.writeString(6, requestor.uid());
  }

  private static AccessReview read(JsonParser parser) throws IOException {
    Status status = new Status();
    JsonReading.object(
        parser,
        section -> {
          if (section.equals("status")) {
            JsonReading.object(parser, field -> status.read(field, parser));
          }
        });
    return status.review();
  }

  private static AccessReview read(CodedInputStream in) throws IOException {
    Status status = new Status();
    ProtoReading.fields(
        in,
        section -> {
          if (section == 3) {
            ProtoReading.fieldsOfMessage(in, field -> status.read(field, in));
          }
        });
    return status.review();
  }

  /** {@code SubjectAccessReviewStatus} while it is read. */
  private static final class Status {
    private boolean allowed;
    private boolean denied;
    private String reason = "";

    void read(String field, JsonParser parser) throws IOException {
      switch (field) {
        case "allowed" -> allowed = JsonReading.bool(parser);
        case "denied" -> denied = JsonReading.bool(parser);
        case "reason" -> reason = JsonReading.string(parser);
        default -> {}
      }
    }

    void read(int field, CodedInputStream in) throws IOException {
      switch (field) {
        case 1 -> allowed = ProtoReading.bool(in);
        case 2 -> reason = ProtoReading.string(in);
        case 4 -> denied = ProtoReading.bool(in);
        default -> {}
      }
    }

    AccessReview review() {
      return allowed && !denied ? new AccessReview.Allowed() : new AccessReview.Refused(reason);
    }
  }
}
