package dev.countersign.approver.cluster;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ApiStatus;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.json.JsonWriting;
import dev.countersign.policy.config.PolicyConfig.AccessAttributes;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.request.CsrView.Requestor;
import java.util.List;
import java.util.Map;

/** Asks the API server whether a requestor may do something (SubjectAccessReview). */
public final class AccessReviewer {
  private static final String TARGET =
      ApiQuery.path("apis", "authorization.k8s.io", "v1", "subjectaccessreviews");

  private record Answer(boolean allowed, boolean denied, String reason) {}

  private final ApiClient client;

  /** A reviewer that asks through {@code client}. */
  public AccessReviewer(ApiClient client) {
    this.client = client;
  }

  /** The server's answer; unknown when it does not give one. */
  public Fact<AccessReview> review(Requestor requestor, AccessAttributes attributes) {
    byte[] body =
        JsonWriting.object(
            out -> {
              out.writeStringField("apiVersion", "authorization.k8s.io/v1");
              out.writeStringField("kind", "SubjectAccessReview");
              out.writeObjectFieldStart("spec");
              out.writeStringField("user", requestor.username());
              if (!requestor.uid().isEmpty()) {
                out.writeStringField("uid", requestor.uid());
              }
              out.writeArrayFieldStart("groups");
              for (String group : requestor.groups()) {
                out.writeString(group);
              }
              out.writeEndArray();
              if (!requestor.extra().isEmpty()) {
                out.writeObjectFieldStart("extra");
                for (Map.Entry<String, List<String>> extra : requestor.extra().entrySet()) {
                  out.writeArrayFieldStart(extra.getKey());
                  for (String value : extra.getValue()) {
                    out.writeString(value);
                  }
                  out.writeEndArray();
                }
                out.writeEndObject();
              }
              out.writeObjectFieldStart("resourceAttributes");
              out.writeStringField("verb", attributes.verb());
              out.writeStringField("group", attributes.group());
              out.writeStringField("resource", attributes.resource());
              if (attributes.subresource().isPresent()) {
                out.writeStringField("subresource", attributes.subresource().get());
              }
              out.writeEndObject();
              out.writeEndObject();
            });
    Outcome<Answer> outcome = client.review(TARGET, body, AccessReviewer::decode);
    return switch (outcome) {
      case Outcome.Done<Answer>(Answer(boolean allowed, boolean denied, String reason)) ->
          Fact.known(
              allowed && !denied ? new AccessReview.Allowed() : new AccessReview.Refused(reason));
      case Outcome.Refused<Answer>(ApiStatus status) ->
          Fact.unknown("SubjectAccessReview: " + status);
      case Outcome.Unreachable<Answer>(String why) -> Fact.unknown("SubjectAccessReview: " + why);
    };
  }

  private static Answer decode(com.fasterxml.jackson.core.JsonParser parser)
      throws java.io.IOException {
    var fields =
        new Object() {
          boolean allowed;
          boolean denied;
          String reason = "";
        };
    JsonReading.object(
        parser,
        name -> {
          if (name.equals("status")) {
            JsonReading.object(
                parser,
                field -> {
                  switch (field) {
                    case "allowed" -> fields.allowed = JsonReading.bool(parser);
                    case "denied" -> fields.denied = JsonReading.bool(parser);
                    case "reason" -> fields.reason = JsonReading.string(parser);
                    default -> {}
                  }
                });
          }
        });
    return new Answer(fields.allowed, fields.denied, fields.reason);
  }
}
