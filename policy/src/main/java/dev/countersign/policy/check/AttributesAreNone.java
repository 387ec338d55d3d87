package dev.countersign.policy.check;

import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;

/**
 * A request for a client certificate has no attribute and so no extension; of alternative names
 * {@link AlternativeNamesAreNone} tells.
 */
final class AttributesAreNone implements RequestCheck {
  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    inspection
        .request()
        .filter(request -> request.sans().isEmpty() && !request.attributes().isEmpty())
        .ifPresent(
            request ->
                findings.add(
                    Reason.EXTENSIONS,
                    "request.attributes",
                    request.attributes().size()
                        + " attributes, "
                        + request.extensions().size()
                        + " extensions",
                    "none"));
  }
}
