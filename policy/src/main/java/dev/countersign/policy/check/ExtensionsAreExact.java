package dev.countersign.policy.check;

import dev.countersign.common.Bytes;
import dev.countersign.common.text.SafeText;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.x509.request.RequestedExtension;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The only extension asked for is subjectAltName, once.
 *
 * <p>Kubernetes' signer drops every other extension today; other signers of the same name need not.
 */
final class ExtensionsAreExact implements RequestCheck {
  /** keyCertSign and cRLSign in the first byte of a KeyUsage (RFC 5280, section 4.2.1.3). */
  private static final int SIGNS_OTHERS = 0x04 | 0x02;

  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    inspection.request().ifPresent(request -> inspect(request.extensions(), findings));
  }

  private static void inspect(List<RequestedExtension> extensions, ViolationCollector findings) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < extensions.size(); i++) {
      RequestedExtension extension = extensions.get(i);
      String path = "request.extensions[" + i + "]";
      if (!seen.add(extension.oid())) {
        findings.add(
            Reason.EXTENSION_DUPLICATE,
            path,
            "extension " + SafeText.quote(extension.oid()) + " again",
            "each extension once");
      } else if (asksForAuthority(extension)) {
        findings.add(
            Reason.CA_REQUESTED,
            path,
            extension.oid().equals(RequestedExtension.KEY_USAGE)
                ? "keyUsage that signs certificates or revocation lists"
                : "basicConstraints of a certificate authority",
            "no basicConstraints and no keyUsage");
      } else if (!extension.oid().equals(RequestedExtension.SUBJECT_ALT_NAME)) {
        findings.add(
            Reason.EXTENSION_UNEXPECTED,
            path,
            "extension " + SafeText.quote(extension.oid()),
            "subjectAltName (2.5.29.17) only");
      }
    }
  }

  /** What cannot be read counts as asking for it. */
  private static boolean asksForAuthority(RequestedExtension extension) {
    Bytes value = extension.value();
    return switch (extension.oid()) {
      case RequestedExtension.BASIC_CONSTRAINTS -> !value.equals(NOT_AN_AUTHORITY);
      case RequestedExtension.KEY_USAGE ->
          value.size() < 4 || value.at(0) != 3 || (value.at(3) & SIGNS_OTHERS) != 0;
      default -> false;
    };
  }

  private static final Bytes NOT_AN_AUTHORITY = Bytes.fromHex("3000");
}
