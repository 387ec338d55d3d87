package dev.countersign.cluster.node;

import dev.countersign.common.ParseResult;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.request.NameAttribute;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
            csr -> {
              String signer = csr.getSpec().getSignerName();
              if (signer.equals(SignerName.KUBELET_SERVING.text())) {
                node(csr.getSpec().getUsername())
                    .ifPresent(node -> of(csr).ifPresent(issued -> serving.put(node, issued)));
              } else if (signer.equals(SignerName.KUBELET_CLIENT.text())) {
                of(csr)
                    .ifPresent(
                        issued ->
                            issued.subject().values(NameAttribute.COMMON_NAME).stream()
                                .findFirst()
                                .flatMap(IssuedCertificates::node)
                                .ifPresent(node -> client.put(node, issued)));
              }
            });
    return new IssuedCertificates(serving, client);
  }

  private static Optional<String> node(@Nullable String user) {
    return Optional.ofNullable(user)
        .filter(name -> name.startsWith(NodeName.USER_PREFIX))
        .map(name -> name.substring(NodeName.USER_PREFIX.length()));
  }

  private static Optional<Certificate> of(CertificateSigningRequest csr) {
    if (csr.getStatus() == null || csr.getStatus().getCertificate() == null) {
      return Optional.empty();
    }
    String pem =
        new String(
            Base64.getDecoder().decode(csr.getStatus().getCertificate()), StandardCharsets.UTF_8);
    return Certificate.parseChain(pem)
            instanceof ParseResult.Parsed<List<Certificate>>(List<Certificate> chain)
        ? Optional.of(chain.getFirst())
        : Optional.empty();
  }
}
