package dev.countersign.cluster.csr;

import dev.countersign.common.ParseResult;
import dev.countersign.common.name.NodeName;
import dev.countersign.x509.certificate.Certificate;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.NameAttribute;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what is in a CertificateSigningRequest. */
public final class CsrContents {
  private CsrContents() {}

  /** The request in {@code spec.request}; empty where it cannot be read. */
  public static Optional<CertificateRequest> request(CertificateSigningRequest csr) {
    return CertificateRequest.parsePem(text(csr.getSpec().getRequest()))
            instanceof ParseResult.Parsed<CertificateRequest>(CertificateRequest request)
        ? Optional.of(request)
        : Optional.empty();
  }

  /** The certificate in {@code status.certificate}, without those of its issuers. */
  public static Optional<Certificate> certificate(CertificateSigningRequest csr) {
    return csr.getStatus() != null
            && Certificate.parseChain(text(csr.getStatus().getCertificate()))
                instanceof ParseResult.Parsed<List<Certificate>>(List<Certificate> chain)
        ? Optional.of(chain.getFirst())
        : Optional.empty();
  }

  /** The conditions in its status. */
  public static List<CertificateSigningRequestCondition> conditions(CertificateSigningRequest csr) {
    return csr.getStatus() == null
        ? List.of()
        : Objects.requireNonNullElse(csr.getStatus().getConditions(), List.of());
  }

  /** The first common name in a subject. */
  public static Optional<String> commonName(DistinguishedName subject) {
    return subject.values(NameAttribute.COMMON_NAME).stream().findFirst();
  }

  /** What follows {@code system:node:} in a user name or common name, valid or not. */
  public static Optional<String> nodeOf(String user) {
    return user.startsWith(NodeName.USER_PREFIX)
        ? Optional.of(user.substring(NodeName.USER_PREFIX.length()))
        : Optional.empty();
  }

  private static String text(@Nullable String base64) {
    return new String(
        Base64.getDecoder().decode(Objects.requireNonNullElse(base64, "")), StandardCharsets.UTF_8);
  }
}
