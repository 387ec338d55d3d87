package dev.countersign.policy.join;

import dev.countersign.policy.check.Inspection;
import dev.countersign.policy.request.CsrView;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.request.RequestParse;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A CertificateSigningRequest for signer {@code kubernetes.io/kube-apiserver-client-kubelet}, as
 * the API server keeps it: requester, uid and time are its words, the rest the requester's.
 *
 * @param uid metadata.uid
 * @param inspection the request taken apart
 */
public record JoinRequest(String uid, Inspection inspection) {
  /** The one signer that strict join decides for. */
  public static final String SIGNER = SignerName.KUBELET_CLIENT.text();

  /** The most that a policy can allow; what is larger is not read. */
  private static final int MOST_BYTES = 1_000_000;

  public JoinRequest {
    Objects.requireNonNull(uid, "uid");
    Objects.requireNonNull(inspection, "inspection");
  }

  /**
   * What is judged of a request.
   *
   * @param uid its metadata.uid
   */
  public static JoinRequest of(CsrView csr, String uid) {
    return new JoinRequest(uid, Inspection.of(csr, MOST_BYTES));
  }

  private CsrView csr() {
    return inspection.csr();
  }

  /** {@code metadata.creationTimestamp}. */
  public Instant createdAt() {
    return csr().created();
  }

  /** {@code spec.username}, who the API server authenticated. */
  public String username() {
    return csr().requestor().username();
  }

  /** {@code spec.groups}. */
  public Set<String> groups() {
    return new LinkedHashSet<>(csr().requestor().groups());
  }

  /** {@code spec.usages}, in order. */
  public List<String> usages() {
    return csr().usages();
  }

  /** {@code spec.request}, parsed. */
  public RequestParse request() {
    return inspection.parse();
  }
}
