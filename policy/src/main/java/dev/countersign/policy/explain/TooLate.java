package dev.countersign.policy.explain;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.join.TokenId;
import dev.countersign.policy.request.CsrDetails;
import dev.countersign.policy.request.CsrSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is left to do about a request that has been decided. Kubernetes keeps a decision: neither an
 * approval nor a denial can be taken back.
 */
public final class TooLate {
  private TooLate() {}

  /** A clause that completes "left alone, because"; empty while the request is pending. */
  public static Optional<String> because(CsrSpec csr) {
    if (csr.isPending()) {
      return Optional.empty();
    }
    Decision.Ground ground =
        csr.issued()
            ? Decision.Ground.ALREADY_ISSUED
            : csr.conditions().contains(CsrSpec.FAILED)
                ? Decision.Ground.ALREADY_FAILED
                : csr.conditions().isEmpty()
                    ? Decision.Ground.BEING_DELETED
                    : Decision.Ground.ALREADY_DECIDED;
    return Optional.of(ground.text());
  }

  /** Sentences for an operator; empty while the request is pending. */
  public static List<String> toDecide(CsrSpec csr, CsrDetails details) {
    List<String> lines = new ArrayList<>();
    if (csr.isPending()) {
      return lines;
    }
    if (csr.issued()) {
      lines.add(
          "Nothing: its certificate is issued, and is valid until it expires. Where the Node must"
              + " not have it, countersign node delete ends its identity.");
    } else if (csr.conditions().contains(CsrSpec.DENIED)) {
      lines.add(
          "Nothing for this request: "
              + was("denied", CsrSpec.DENIED, details)
              + ". A denial is final, also for countersign csr approve and kubectl certificate"
              + " approve.");
      lines.add(askAnew(csr));
    } else if (csr.conditions().contains(CsrSpec.FAILED)) {
      lines.add(
          "Nothing for this request: "
              + was("failed by its signer", CsrSpec.FAILED, details)
              + ". A failure is final.");
      lines.add(askAnew(csr));
    } else if (csr.deleting()) {
      lines.add("Nothing: it is being deleted.");
    } else {
      lines.add(
          "It was "
              + was("approved", CsrSpec.APPROVED, details)
              + ", which is final; its signer has not issued the certificate yet. That is"
              + " kube-controller-manager, with --cluster-signing-cert-file and"
              + " --cluster-signing-key-file: look at its log.");
    }
    lines.add(
        "The checks go by the policy and the facts of now. By which ones it was decided, only its"
            + " condition tells.");
    return lines;
  }

  private static String was(String what, String type, CsrDetails details) {
    Optional<CsrDetails.Condition> condition = details.condition(type);
    return what
        + condition
            .map(CsrDetails.Condition::at)
            .filter(at -> !at.isEmpty())
            .map(at -> " at " + SafeText.plain(at))
            .orElse("")
        + condition
            .map(CsrDetails.Condition::reason)
            .filter(reason -> !reason.isEmpty())
            .map(reason -> " for " + SafeText.plain(reason))
            .orElse("")
        + condition
            .map(CsrDetails.Condition::message)
            .filter(message -> !message.isEmpty())
            .map(message -> " (" + SafeText.plain(message) + ")")
            .orElse("");
  }

  /**
   * What makes a kubelet ask anew. One that joins names its request by a digest of key and subject
   * (kubernetes {@code pkg/kubelet/certificate/bootstrap}), so that it finds the old one again; one
   * that runs asks every half a minute (client-go {@code util/certificate}).
   */
  private static String askAnew(CsrSpec csr) {
    return csr.requestor().username().startsWith(TokenId.USER_PREFIX)
        ? "Remove the cause, then kubectl delete csr "
            + SafeText.plain(csr.name())
            + ": a kubelet that joins finds its own old request again until that is gone (after an"
            + " hour kube-controller-manager deletes it), and asks again when it is restarted."
        : "Remove the cause; a kubelet that runs asks again by itself, within a minute, or at once"
            + " when it is restarted. countersign csr list shows the new request.";
  }
}
