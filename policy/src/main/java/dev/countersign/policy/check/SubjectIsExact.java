package dev.countersign.policy.check;

import dev.countersign.common.name.NodeName;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.x509.request.DistinguishedName;
import dev.countersign.x509.request.NameAttribute;
import dev.countersign.x509.request.RelativeDistinguishedName;
import dev.countersign.x509.request.StringType;
import java.util.List;

/**
 * The subject is one organization {@code system:nodes} and one common name {@code
 * system:node:<name>}, each in a relative distinguished name of its own, and nothing else.
 */
final class SubjectIsExact implements RequestCheck {
  private static final String NODES = "system:nodes";

  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    inspection.request().ifPresent(request -> inspect(request.subject(), inspection, findings));
  }

  private static void inspect(
      DistinguishedName subject, ParsedCsr inspection, ViolationCollector findings) {
    List<String> organizations = subject.values(NameAttribute.ORGANIZATION);
    if (!organizations.equals(List.of(NODES))) {
      findings.add(
          Reason.SUBJECT_ORGANIZATION_NOT_EXACT,
          "request.subject.organization",
          SafeText.list(organizations, 3),
          "exactly [\"" + NODES + "\"]");
    }
    commonName(subject.values(NameAttribute.COMMON_NAME), inspection, findings);
    List<RelativeDistinguishedName> rdns = subject.rdns();
    for (int i = 0; i < rdns.size(); i++) {
      List<NameAttribute> attributes = rdns.get(i).attributes();
      if (isMixed(attributes)) {
        findings.add(
            Reason.SUBJECT_ATTRIBUTE_UNEXPECTED,
            path(i),
            attributes.size() + " attributes in one relative distinguished name",
            "one attribute in each");
      }
      for (NameAttribute attribute : attributes) {
        if (!isKnown(attribute)) {
          findings.add(
              Reason.SUBJECT_ATTRIBUTE_UNEXPECTED,
              path(i),
              "attribute " + SafeText.quote(attribute.oid()),
              "common name and organization only");
        } else if (attribute.type() != StringType.PRINTABLE
            && attribute.type() != StringType.UTF8) {
          findings.add(
              Reason.SUBJECT_STRING_TYPE,
              path(i),
              attribute.type() + " string",
              "a PRINTABLE or UTF8 string");
        }
      }
    }
  }

  private static String path(int rdn) {
    return "request.subject[" + rdn + "]";
  }

  /** Whether it has both a common name and an organization, and nothing else. */
  private static boolean isMixed(List<NameAttribute> attributes) {
    boolean several = false;
    for (NameAttribute attribute : attributes) {
      if (!isKnown(attribute)) {
        return false;
      }
      several |= !attribute.oid().equals(attributes.getFirst().oid());
    }
    return several;
  }

  private static boolean isKnown(NameAttribute attribute) {
    return attribute.oid().equals(NameAttribute.COMMON_NAME)
        || attribute.oid().equals(NameAttribute.ORGANIZATION);
  }

  private static void commonName(
      List<String> commonNames, ParsedCsr inspection, ViolationCollector findings) {
    String path = "request.subject.commonName";
    if (commonNames.size() != 1 || !commonNames.getFirst().startsWith(NodeName.USER_PREFIX)) {
      findings.add(
          Reason.SUBJECT_COMMON_NAME_NOT_EXACT,
          path,
          SafeText.list(commonNames, 3),
          "exactly one, system:node:<node name>");
    } else if (inspection.node().isEmpty()) {
      findings.add(
          Reason.NODE_NAME_SYNTAX,
          path,
          SafeText.quote(commonNames.getFirst()),
          "system:node: and " + NodeName.RULE);
    }
  }
}
