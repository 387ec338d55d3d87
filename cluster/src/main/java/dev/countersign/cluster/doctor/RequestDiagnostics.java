package dev.countersign.cluster.doctor;

import dev.countersign.cluster.csr.CsrContents;
import dev.countersign.cluster.csr.RequestState;
import dev.countersign.cluster.doctor.ClusterSnapshot.Condition;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestView;
import dev.countersign.cluster.doctor.ClusterSnapshot.RequestedSubject;
import dev.countersign.cluster.node.NodeReport;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.request.SignerName;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the requests for kubelets' certificates out of all that a cluster has. */
final class RequestDiagnostics {
  private RequestDiagnostics() {}

  /**
   * The requests of the two signers for kubelets.
   *
   * @param only the nodes whose requests are wanted, beside those made with tokens; all where empty
   */
  static List<RequestView> views(List<CertificateSigningRequest> requests, List<String> only) {
    List<RequestView> views = new ArrayList<>();
    for (CertificateSigningRequest csr : requests) {
      String signer = csr.getSpec().getSignerName();
      String user = Objects.requireNonNullElse(csr.getSpec().getUsername(), "");
      boolean serving = signer.equals(SignerName.KUBELET_SERVING.text());
      boolean ours = serving || signer.equals(SignerName.KUBELET_CLIENT.text());
      boolean wanted =
          only.isEmpty()
              || only.stream().anyMatch(node -> user.equals(NodeName.USER_PREFIX + node))
              || user.startsWith("system:bootstrap:");
      if (ours && wanted) {
        views.add(view(csr, serving, user));
      }
    }
    return views;
  }

  private static RequestView view(CertificateSigningRequest csr, boolean serving, String user) {
    RequestState state = RequestState.of(csr);
    Instant since = Instant.parse(csr.getMetadata().getCreationTimestamp());
    Optional<Condition> reached = Optional.empty();
    for (CertificateSigningRequestCondition condition : CsrContents.conditions(csr)) {
      if (condition.getType().equals(state.text())) {
        reached =
            Optional.of(new Condition(given(condition.getReason()), given(condition.getMessage())));
        if (condition.getLastUpdateTime() != null) {
          since = OffsetDateTime.parse(condition.getLastUpdateTime()).toInstant();
        }
      }
    }
    return new RequestView(
        csr.getMetadata().getName(), serving, user, state, since, reached, subject(csr));
  }

  private static Optional<String> given(@Nullable String text) {
    return Optional.ofNullable(text).filter(given -> !given.isEmpty());
  }

  private static RequestedSubject subject(CertificateSigningRequest csr) {
    return CsrContents.request(csr)
        .map(
            request ->
                new RequestedSubject(
                    CsrContents.commonName(request.subject()).flatMap(CsrContents::nodeOf),
                    NodeReport.shown(request.sans())))
        .orElseGet(() -> new RequestedSubject(Optional.empty(), List.of()));
  }
}
