package dev.countersign.cluster.csr;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import java.util.Set;
import java.util.stream.Collectors;

/** How far a CertificateSigningRequest got. */
public enum RequestState {
  /** Nobody has decided. */
  PENDING("Pending"),
  /** Approved, and the signer has not signed yet. */
  APPROVED("Approved"),
  /** Denied, for good. */
  DENIED("Denied"),
  /** Approved, but the signer could not sign. */
  FAILED("Failed"),
  /** The certificate is there. */
  ISSUED("Issued");

  private final String text;

  RequestState(String text) {
    this.text = text;
  }

  /** As people read it; also the type of its condition, where it has one. */
  public String text() {
    return text;
  }

  /** How far this one got. */
  public static RequestState of(CertificateSigningRequest csr) {
    if (csr.getStatus() == null) {
      return PENDING;
    }
    Set<String> types =
        CsrContents.conditions(csr).stream()
            .map(CertificateSigningRequestCondition::getType)
            .collect(Collectors.toSet());
    if (types.contains(DENIED.text)) {
      return DENIED;
    }
    if (types.contains(FAILED.text)) {
      return FAILED;
    }
    if (csr.getStatus().getCertificate() != null && !csr.getStatus().getCertificate().isEmpty()) {
      return ISSUED;
    }
    return types.contains(APPROVED.text) ? APPROVED : PENDING;
  }
}
