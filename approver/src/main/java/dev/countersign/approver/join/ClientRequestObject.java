package dev.countersign.approver.join;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.policy.join.JoinRequest;
import dev.countersign.policy.join.attestation.Attestation;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

/**
 * A CertificateSigningRequest for a kubelet's client certificate, as read from the API.
 *
 * @param csr the object; what a verdict is written to
 * @param attestation the evidence its annotation carries
 * @param request what the policy judges
 */
record ClientRequestObject(CsrObject csr, Optional<String> attestation, JoinRequest request) {
  ClientRequestObject {
    Objects.requireNonNull(csr, "csr");
    Objects.requireNonNull(attestation, "attestation");
    Objects.requireNonNull(request, "request");
  }

  /** metadata.name. */
  String name() {
    return csr.name();
  }

  /**
   * Reads what is to be judged.
   *
   * @param csr a whole one
   * @throws IOException when its metadata cannot be read
   */
  static ClientRequestObject of(CsrObject csr) throws IOException {
    return new ClientRequestObject(
        csr, csr.kept().annotation(Attestation.ANNOTATION), JoinRequest.of(csr.view(), csr.uid()));
  }
}
