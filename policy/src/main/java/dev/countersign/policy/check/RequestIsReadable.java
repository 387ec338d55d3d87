package dev.countersign.policy.check;

import dev.countersign.common.ParseError;
import dev.countersign.common.ParseResult;
import dev.countersign.policy.config.PolicyConfig;
import dev.countersign.policy.decision.Reason;
import dev.countersign.x509.request.CertificateRequest;
import java.util.List;

/** {@code spec.request} is one PKCS#10 request of bearable size. */
final class RequestIsReadable implements RequestCheck {
  @Override
  public void inspect(ParsedCsr inspection, PolicyConfig config, ViolationCollector findings) {
    int size = inspection.csr().request().size();
    int most = config.limits().requestBytes();
    if (size > most) {
      findings.add(
          Reason.REQUEST_TOO_LARGE,
          "spec.request",
          size + " bytes",
          "at most " + most + " bytes (limits.requestBytes)");
    } else if (inspection.parse()
        instanceof ParseResult.Refused<CertificateRequest>(List<ParseError> errors)) {
      for (ParseError error : errors) {
        findings.add(
            Reason.REQUEST_MALFORMED,
            error.path().startsWith("request") ? error.path() : "spec.request." + error.path(),
            error.got(),
            error.want());
      }
    }
  }
}
