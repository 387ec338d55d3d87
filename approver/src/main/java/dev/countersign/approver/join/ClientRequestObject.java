package dev.countersign.approver.join;

import com.fasterxml.jackson.core.JsonParser;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.kube.json.JsonReading;
import dev.countersign.kube.watch.Versioned;
import dev.countersign.policy.join.JoinRequest;
import dev.countersign.policy.join.attestation.Attestation;
import dev.countersign.policy.request.CsrView;
import dev.countersign.x509.request.CertificateRequest;
import java.io.ByteArrayInputStream;
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

  static ClientRequestObject decode(JsonParser parser) throws IOException {
    CsrObject csr = CsrObject.decode(parser);
    CsrView view = csr.view();
    String annotations = csr.kept().fields().get("annotations");
    return new ClientRequestObject(
        csr,
        annotations == null ? Optional.empty() : attestation(annotations),
        new JoinRequest(
            csr.uid(),
            view.created(),
            view.requestor().username(),
            new LinkedHashSet<>(view.requestor().groups()),
            view.usages(),
            CertificateRequest.parsePem(
                new String(view.request().toByteArray(), StandardCharsets.UTF_8))));
  }

  private static Optional<String> attestation(String annotations) throws IOException {
    try (JsonParser parser =
        JsonReading.parser(
            new ByteArrayInputStream(annotations.getBytes(StandardCharsets.UTF_8)))) {
      parser.nextToken();
      return Optional.ofNullable(JsonReading.stringMap(parser).get(Attestation.ANNOTATION));
    }
  }
}
