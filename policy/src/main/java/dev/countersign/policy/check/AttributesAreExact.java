package dev.countersign.policy.check;

import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.x509.request.RequestAttribute;
import java.util.List;

/** At most one attribute: one extension request with one value (RFC 2985, section 5.4.2). */
final class AttributesAreExact implements RequestCheck {
  private static final String WANT = "one extension request (1.2.840.113549.1.9.14) with one value";

  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    inspection
        .request()
        .ifPresent(
            request -> {
              List<RequestAttribute> attributes = request.attributes();
              boolean seen = false;
              for (int i = 0; i < attributes.size(); i++) {
                RequestAttribute attribute = attributes.get(i);
                boolean ours = attribute.oid().equals(RequestAttribute.EXTENSION_REQUEST);
                if (!ours) {
                  findings.add(
                      Reason.REQUEST_ATTRIBUTE_UNEXPECTED,
                      path(i),
                      "attribute " + SafeText.quote(attribute.oid()),
                      WANT);
                } else if (seen) {
                  findings.add(
                      Reason.REQUEST_ATTRIBUTE_UNEXPECTED,
                      path(i),
                      "another extension request",
                      WANT);
                } else if (attribute.values().size() != 1) {
                  findings.add(
                      Reason.REQUEST_ATTRIBUTE_UNEXPECTED,
                      path(i),
                      attribute.values().size() + " values",
                      WANT);
                }
                seen |= ours;
              }
            });
  }

  private static String path(int index) {
    return "request.attributes[" + index + "]";
  }
}
