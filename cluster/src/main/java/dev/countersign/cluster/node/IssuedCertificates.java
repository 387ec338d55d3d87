package dev.countersign.cluster.node;

import dev.countersign.cluster.csr.CsrContents;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.certificate.Certificate;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The last certificate that each node was issued, as far as requests are still there: Kubernetes
 * deletes them an hour after they are approved.
 *
 * @param serving by the name of the node that asked
 * @param client by the name of the node in the subject: the first one is asked for with a token
 */
public record IssuedCertificates(
    Map<String, Certificate> serving, Map<String, Certificate> client) {
  /** Copies. */
  public IssuedCertificates {
    serving = Map.copyOf(serving);
    client = Map.copyOf(client);
  }

  /** Those in requests. */
  public static IssuedCertificates in(List<CertificateSigningRequest> requests) {
    Map<String, Certificate> serving = new HashMap<>();
    Map<String, Certificate> client = new HashMap<>();
    requests.stream()
        .sorted(Comparator.comparing(csr -> csr.getMetadata().getCreationTimestamp()))
        .forEach(
            csr ->
                CsrContents.certificate(csr)
                    .ifPresent(
                        issued -> {
                          String signer = csr.getSpec().getSignerName();
                          if (signer.equals(SignerName.KUBELET_SERVING.text())) {
                            Optional.ofNullable(csr.getSpec().getUsername())
                                .flatMap(CsrContents::nodeOf)
                                .ifPresent(node -> serving.put(node, issued));
                          } else if (signer.equals(SignerName.KUBELET_CLIENT.text())) {
                            CsrContents.commonName(issued.subject())
                                .flatMap(CsrContents::nodeOf)
                                .ifPresent(node -> client.put(node, issued));
                          }
                        }));
    return new IssuedCertificates(serving, client);
  }
}
