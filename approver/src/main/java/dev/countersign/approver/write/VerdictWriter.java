package dev.countersign.approver.write;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.countersign.approver.csr.CsrObject;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.ApiQuery;
import dev.countersign.kube.Outcome;
import dev.countersign.kube.json.JsonWriting;
import dev.countersign.policy.decision.SafeText;
import dev.countersign.policy.decision.Violation;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Writes verdicts to {@code certificatesigningrequests/NAME/approval}. The server keeps the spec on
 * that subresource, so name, resource version, conditions and what others wrote into the metadata
 * are all that is sent. Thread-safe.
 */
public final class VerdictWriter {
  /** The reason of an approval's condition. */
  public static final String APPROVED_REASON = "CountersignApproved";

  private static final int MESSAGE_LIMIT = 900;

  private final ApiClient client;
  private final InstantSource clock;

  /** A writer to one cluster. */
  public VerdictWriter(ApiClient client, InstantSource clock) {
    this.client = client;
    this.clock = clock;
  }

  /** Approves; refused with a conflict if the request changed since it was read. */
  public Outcome<Boolean> approve(CsrObject csr, String node) {
    return write(
        csr,
        "Approved",
        APPROVED_REASON,
        "every name and address requested belongs to Node " + SafeText.plain(node));
  }

  /** Denies, for good; refused with a conflict if the request changed since it was read. */
  public Outcome<Boolean> deny(CsrObject csr, List<Violation> violations) {
    return write(csr, "Denied", violations.getFirst().reason().camelCase(), message(violations));
  }

  /** All violations in one text of bounded length. */
  public static String message(List<Violation> violations) {
    StringBuilder text = new StringBuilder();
    for (Violation violation : violations) {
      String next = violation.reason().camelCase() + ": " + violation.message();
      if (text.length() + next.length() > MESSAGE_LIMIT) {
        text.append(text.isEmpty() ? "" : "; ").append("and more");
        break;
      }
      text.append(text.isEmpty() ? "" : "; ").append(next);
    }
    return text.toString();
  }

  /**
   * Adds a condition; refused with a conflict if the request changed since it was read.
   *
   * @param type Approved or Denied
   */
  public Outcome<Boolean> write(CsrObject csr, String type, String reason, String message) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    byte[] body =
        JsonWriting.object(
            out -> {
              out.writeStringField("apiVersion", "certificates.k8s.io/v1");
              out.writeStringField("kind", "CertificateSigningRequest");
              out.writeObjectFieldStart("metadata");
              out.writeStringField("name", csr.name());
              out.writeStringField("resourceVersion", csr.resourceVersion());
              csr.kept().writeTo(out);
              out.writeEndObject();
              out.writeObjectFieldStart("status");
              out.writeArrayFieldStart("conditions");
              for (CsrObject.Condition kept : csr.conditions()) {
                condition(
                    out,
                    kept.type(),
                    kept.status(),
                    kept.reason(),
                    kept.message(),
                    kept.lastUpdateTime());
              }
              condition(out, type, "True", reason, message, now.toString());
              out.writeEndArray();
              out.writeEndObject();
            });
    String target =
        ApiQuery.path(
            "apis",
            "certificates.k8s.io",
            "v1",
            "certificatesigningrequests",
            csr.name(),
            "approval");
    return client.put(target, body);
  }

  private static void condition(
      JsonGenerator out,
      String type,
      String status,
      String reason,
      String message,
      String lastUpdate)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("type", type);
    out.writeStringField("status", status);
    out.writeStringField("reason", reason);
    out.writeStringField("message", message);
    if (!lastUpdate.isEmpty()) {
      out.writeStringField("lastUpdateTime", lastUpdate);
    }
    out.writeEndObject();
  }
}
