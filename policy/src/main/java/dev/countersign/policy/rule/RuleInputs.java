package dev.countersign.policy.rule;

import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.x509.request.CertificateRequest;
import java.util.Objects;
import java.util.Optional;

/**
 * What rules may look at.
 *
 * @param csr as {@code request}
 * @param certificate as {@code certificate}
 * @param node as {@code node}; needed by rules that look at it
 */
public record RuleInputs(CsrSpec csr, CertificateRequest certificate, Optional<NodeFact> node) {
  public RuleInputs {
    Objects.requireNonNull(csr, "csr");
    Objects.requireNonNull(certificate, "certificate");
    Objects.requireNonNull(node, "node");
  }
}
