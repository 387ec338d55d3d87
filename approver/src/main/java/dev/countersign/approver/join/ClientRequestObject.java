package dev.countersign.approver.join;

import dev.countersign.approver.csr.CsrObject;
import dev.countersign.kube.ObjectDecoder;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.policy.join.JoinRequest;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.request.CsrView;
import dev.countersign.x509.request.CertificateRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A CertificateSigningRequest for a kubelet's client certificate, as read from the API.
 *
 * @param csr the object; what a verdict is written to
 * @param attestation the evidence its annotation carries
 * @param request what the policy judges
 */
record ClientRequestObject(CsrObject csr, Optional<String> attestation, JoinRequest request)
    implements Versioned {
  ClientRequestObject {
    Objects.requireNonNull(csr, "csr");
    Objects.requireNonNull(attestation, "attestation");
    Objects.requireNonNull(request, "request");
  }

  /** metadata.name. */
  String name() {
    return csr.name();
  }

  @Override
  public String resourceVersion() {
    return csr.resourceVersion();
  }

  /** Whether nobody has decided yet. */
  boolean pending() {
    List<String> conditions = csr.view().conditions();
    return !csr.view().issued()
        && !conditions.contains(CsrView.APPROVED)
        && !conditions.contains(CsrView.DENIED)
        && !conditions.contains(CsrView.FAILED);
  }

  /** Reads one from a list or a watch. */
  static ObjectDecoder<ClientRequestObject> decoder() {
    ObjectDecoder<CsrObject> decoder = CsrObject.decoder();
    return new ObjectDecoder<>(
        parser -> of(decoder.json().decode(parser)),
        decoder.protobuf().map(protobuf -> in -> of(protobuf.decode(in))));
  }

  private static ClientRequestObject of(CsrObject csr) throws IOException {
    CsrView view = csr.view();
    return new ClientRequestObject(
        csr,
        csr.kept().annotation(Attestation.ANNOTATION),
        new JoinRequest(
            csr.uid(),
            view.created(),
            view.requestor().username(),
            new LinkedHashSet<>(view.requestor().groups()),
            view.usages(),
            CertificateRequest.parsePem(
                new String(view.request().toByteArray(), StandardCharsets.UTF_8))));
  }
}
