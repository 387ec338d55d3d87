package dev.countersign.approver.status;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.approver.csr.CsrObject.Condition;
import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiResult;
import dev.countersign.kube.proto.CertificateSigningRequest;
import dev.countersign.kube.proto.CertificateSigningRequestCondition;
import dev.countersign.kube.proto.CertificateSigningRequestStatus;
import dev.countersign.kube.proto.Envelope;
import dev.countersign.kube.proto.ObjectMeta;
import dev.countersign.kube.proto.Times;
import dev.countersign.policy.decision.Violation;
import dev.countersign.policy.join.TokenId;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Writes verdicts to {@code certificatesigningrequests/NAME/approval}. The server keeps the spec on
 * that subresource, so name, resource version, conditions and what others wrote into the metadata
 * are all that is sent: in protobuf, which costs the server least and is what kubelets and {@code
 * kube-controller-manager} write. Thread-safe.
 */
public final class ApprovalUpdater {
  /** The reason of an approval's condition. */
  public static final String APPROVED_REASON = "CountersignApproved";

  /** The reasons of an approval's condition for a client certificate. */
  private static final String JOIN_REASON = "CountersignJoinApproved";

  private static final String RENEWAL_REASON = "CountersignRenewalApproved";

  private static final int MESSAGE_LIMIT = 900;

  private final ApiClient client;
  private final InstantSource clock;

  /** A writer to one cluster. */
  public ApprovalUpdater(ApiClient client, InstantSource clock) {
    this.client = client;
    this.clock = clock;
  }

  /** Approves; refused with a conflict if the request changed since it was read. */
  public ApiResult<Boolean> approve(CsrObject csr, String node) {
    return write(
        csr,
        "Approved",
        APPROVED_REASON,
        "every name and address requested belongs to Node " + SafeText.plain(node));
  }

  /** Approves a client certificate; refused likewise. */
  public ApiResult<Boolean> approveJoin(CsrObject csr, NodeName node) {
    return csr.requestor().startsWith(NodeName.USER_PREFIX)
        ? write(csr, "Approved", RENEWAL_REASON, "Node " + node + " renews its own certificate")
        : write(
            csr,
            "Approved",
            JOIN_REASON,
            "Node "
                + node
                + " joins with "
                + TokenId.ofUser(csr.requestor())
                    .map(token -> "token " + token)
                    .orElse("its Machine"));
  }

  /** Whether a condition's reason is one of our approvals. */
  public static boolean isOurs(String reason) {
    return List.of(APPROVED_REASON, JOIN_REASON, RENEWAL_REASON).contains(reason);
  }

  /** Denies, for good; refused with a conflict if the request changed since it was read. */
  public ApiResult<Boolean> deny(CsrObject csr, List<Violation> violations) {
    return write(csr, "Denied", violations.getFirst().reason().camelCase(), message(violations));
  }

  /** All violations in one text of bounded length. */
  public static String message(List<Violation> violations) {
    StringBuilder text = new StringBuilder();
    for (Violation violation : violations) {
      String next = violation.reason().camelCase() + ": " + violation.message();
      if (text.length() + next.length() > MESSAGE_LIMIT) {
        text.append(text.isEmpty() ? "" : "; ").append("and more");
        break;
      }
      text.append(text.isEmpty() ? "" : "; ").append(next);
    }
    return text.toString();
  }

  /**
   * Adds a condition; refused with a conflict if the request changed since it was read.
   *
   * @param type Approved or Denied
   */
  public ApiResult<Boolean> write(CsrObject csr, String type, String reason, String message) {
    Condition verdict = new Condition(type, "True", reason, message, Optional.of(clock.instant()));
    ObjectMeta.Builder metadata =
        ObjectMeta.newBuilder().setName(csr.name()).setResourceVersion(csr.resourceVersion());
    csr.kept().writeTo(metadata);
    CertificateSigningRequestStatus.Builder status = CertificateSigningRequestStatus.newBuilder();
    csr.conditions().forEach(kept -> status.addConditions(message(kept)));
    status.addConditions(message(verdict));
    CertificateSigningRequest request =
        CertificateSigningRequest.newBuilder().setMetadata(metadata).setStatus(status).build();
    return client.put(
        CsrObject.path(csr.name()) + "/approval",
        Envelope.write("certificates.k8s.io/v1", "CertificateSigningRequest", request));
  }

  private static CertificateSigningRequestCondition message(Condition condition) {
    CertificateSigningRequestCondition.Builder message =
        CertificateSigningRequestCondition.newBuilder()
            .setType(condition.type())
            .setReason(condition.reason())
            .setMessage(condition.message())
            .setStatus(condition.status());
    condition.lastUpdateTime().map(Times::time).ifPresent(message::setLastUpdateTime);
    return message.build();
  }
}
