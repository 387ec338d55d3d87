package dev.countersign.cli.csr;

import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.Preflight;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.config.PolicyConfig.AccessAttributes;
import dev.countersign.policy.fact.AccessReview;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.FactKind;
import dev.countersign.policy.fact.Facts;
import dev.countersign.policy.request.CsrView;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Objects;

/** Looks up, as whoever runs the command, the facts that cost a call. */
final class FactCalls {
  private final ClusterAccess cluster;
  private final PolicyConfig config;

  FactCalls(ClusterAccess cluster, PolicyConfig config) {
    this.cluster = cluster;
    this.config = config;
  }

  /** The facts with one more; unchanged where it is not for this class to look up. */
  Facts lookUp(FactKind kind, Facts facts, CsrView csr, Preflight.Open open) {
    return switch (kind) {
      case ACCESS ->
          config
              .access()
              .map(attributes -> facts.withAccess(review(csr.requestor(), attributes)))
              .orElse(facts);
      case INVENTORY, RESOLUTION, SERVED, NODE, PROTECTED, HOLDINGS, PENDING -> facts;
    };
  }

  private Fact<AccessReview> review(CsrView.Requestor requestor, AccessAttributes attributes) {
    SubjectAccessReview review =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser(requestor.username())
            .withUid(requestor.uid().isEmpty() ? null : requestor.uid())
            .withGroups(requestor.groups())
            .withExtra(requestor.extra())
            .withNewResourceAttributes()
            .withVerb(attributes.verb())
            .withGroup(attributes.group())
            .withResource(attributes.resource())
            .withSubresource(attributes.subresource().orElse(null))
            .endResourceAttributes()
            .endSpec()
            .build();
    try {
      SubjectAccessReviewStatus status =
          cluster.client().authorization().v1().subjectAccessReview().create(review).getStatus();
      boolean allowed =
          Boolean.TRUE.equals(status.getAllowed()) && !Boolean.TRUE.equals(status.getDenied());
      return Fact.known(
          allowed
              ? new AccessReview.Allowed()
              : new AccessReview.Refused(Objects.requireNonNullElse(status.getReason(), "")));
    } catch (KubernetesClientException e) {
      return Fact.unknown("SubjectAccessReview: " + e.getCode());
    }
  }
}
