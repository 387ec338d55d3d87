package dev.countersign.policy.check;

import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;

/**
 * A node asks for its own name only, as kube-controller-manager's rule {@code selfnodeclient} has
 * it.
 */
final class RenewalIsOfOwnName implements RequestCheck {
  @Override
  public boolean applies(ParsedCsr inspection, PolicyConfig config) {
    return Requester.of(inspection.csr(), config) instanceof Requester.Node;
  }

  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    if (!applies(inspection, config)) {
      return;
    }
    String username = inspection.csr().requestor().username();
    inspection
        .node()
        .map(NodeName::userName)
        .filter(asked -> !asked.equals(username))
        .ifPresent(
            asked ->
                findings.add(
                    Reason.RENEWAL_OF_ANOTHER_NAME,
                    "request.subject.commonName",
                    SafeText.quote(asked),
                    "the requester's own name, " + SafeText.quote(username)));
  }
}
