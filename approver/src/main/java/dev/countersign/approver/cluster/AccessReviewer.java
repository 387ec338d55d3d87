package dev.countersign.approver.cluster;

import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.proto.ExtraValue;
import dev.countersign.kube.proto.NonResourceAttributes;
import dev.countersign.kube.proto.ResourceAttributes;
import dev.countersign.kube.proto.SubjectAccessReview;
import dev.countersign.kube.proto.SubjectAccessReviewSpec;
import dev.countersign.kube.proto.SubjectAccessReviewStatus;
import dev.countersign.policy.config.AccessAttributes;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.request.CsrSpec.Requestor;

/** Asks the API server whether a user may do something: SubjectAccessReview, in protobuf. */
public final class AccessReviewer {
  private static final String TARGET =
      ApiQuery.path("apis", "authorization.k8s.io", "v1", "subjectaccessreviews");

  private static final ObjectDecoder<AccessReview> ANSWER =
      ObjectDecoder.ofProtobuf(SubjectAccessReview.parser(), AccessReviewer::answer);

  private final ApiClient client;

  /** A reviewer that asks through {@code client}. */
  public AccessReviewer(ApiClient client) {
    this.client = client;
  }

  /** The server's answer; unknown when it does not give one. */
  public Fact<AccessReview> review(Requestor requestor, AccessAttributes attributes) {
    ResourceAttributes.Builder resource =
        ResourceAttributes.newBuilder()
            .setVerb(attributes.verb())
            .setGroup(attributes.group())
            .setResource(attributes.resource());
    attributes.subresource().ifPresent(resource::setSubresource);
    return review(spec(requestor).setResourceAttributes(resource));
  }

  /**
   * The server's answer whether a user may do something to a URL that is no resource's; unknown
   * when it does not give one.
   *
   * @param verb such as {@code get}
   * @param path such as {@code /metrics}
   */
  public Fact<AccessReview> reviewPath(Requestor user, String verb, String path) {
    return review(
        spec(user)
            .setNonResourceAttributes(
                NonResourceAttributes.newBuilder().setVerb(verb).setPath(path)));
  }

  private Fact<AccessReview> review(SubjectAccessReviewSpec.Builder spec) {
    return Reviews.ask(
        client,
        TARGET,
        "authorization.k8s.io/v1",
        "SubjectAccessReview",
        SubjectAccessReview.newBuilder().setSpec(spec).build(),
        ANSWER);
  }

  private static SubjectAccessReviewSpec.Builder spec(Requestor requestor) {
    SubjectAccessReviewSpec.Builder spec =
        SubjectAccessReviewSpec.newBuilder()
            .setUser(requestor.username())
            .addAllGroups(requestor.groups())
            .setUid(requestor.uid());
    requestor
        .extra()
        .forEach(
            (key, values) ->
                spec.putExtra(key, ExtraValue.newBuilder().addAllItems(values).build()));
    return spec;
  }

  private static AccessReview answer(SubjectAccessReview review) {
    SubjectAccessReviewStatus status = review.getStatus();
    return status.getAllowed() && !status.getDenied()
        ? new AccessReview.Allowed()
        : new AccessReview.Refused(status.getReason());
  }
}
