package dev.countersign.policy.check;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.policy.request.CsrSpec.Requestor;
import java.util.List;

/**
 * The user who created the request is the one its common name names, and a node. The API server
 * recorded both when it authenticated the user.
 */
final class RequestorIsTheNode implements RequestCheck {
  private static final List<String> GROUPS = List.of("system:nodes", "system:authenticated");

  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    Requestor requestor = inspection.csr().requestor();
    inspection
        .commonName()
        .filter(commonName -> !commonName.equals(requestor.username()))
        .ifPresent(
            commonName ->
                findings.add(
                    Reason.USERNAME_NOT_COMMON_NAME,
                    "spec.username",
                    SafeText.quote(requestor.username()),
                    "the common name of the request, " + SafeText.quote(commonName)));
    for (String group : GROUPS) {
      if (!requestor.groups().contains(group)) {
        findings.add(
            Reason.GROUP_MISSING,
            "spec.groups",
            SafeText.list(requestor.groups(), 4),
            SafeText.quote(group) + " among them");
      }
    }
  }
}
