package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;

/** A client certificate of a node has no subjectAltName. */
final class AlternativeNamesAreNone implements RequestCheck {
  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    inspection
        .request()
        .filter(request -> !request.sans().isEmpty())
        .ifPresent(
            request ->
                findings.add(
                    Reason.ALTERNATIVE_NAMES,
                    "request.subjectAltName",
                    request.sans().size() + " names",
                    "none"));
  }
}
