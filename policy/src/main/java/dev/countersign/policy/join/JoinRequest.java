package dev.countersign.policy.join;

import dev.countersign.policy.request.CsrView;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.RequestParse;
import java.nio.charset.StandardCharsets;
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
 * @param createdAt metadata.creationTimestamp
 * @param username spec.username, who the API server authenticated
 * @param groups spec.groups
 * @param usages spec.usages, in order
 * @param request spec.request, parsed
 */
public record JoinRequest(
    String uid,
    Instant createdAt,
    String username,
    Set<String> groups,
    List<String> usages,
    RequestParse request) {
  /** The one signer that strict join decides for. */
  public static final String SIGNER = SignerName.KUBELET_CLIENT.text();

  public JoinRequest {
    Objects.requireNonNull(uid, "uid");
    Objects.requireNonNull(createdAt, "createdAt");
    Objects.requireNonNull(username, "username");
    groups = Set.copyOf(groups);
    usages = List.copyOf(usages);
    Objects.requireNonNull(request, "request");
  }

  /**
   * What is judged of a request.
   *
   * @param uid its metadata.uid
   */
  public static JoinRequest of(CsrView csr, String uid) {
    return new JoinRequest(
        uid,
        csr.created(),
        csr.requestor().username(),
        new LinkedHashSet<>(csr.requestor().groups()),
        csr.usages(),
        CertificateRequest.parsePem(
            new String(csr.request().toByteArray(), StandardCharsets.UTF_8)));
  }
}
