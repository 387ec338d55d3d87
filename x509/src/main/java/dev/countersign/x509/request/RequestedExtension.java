package dev.countersign.x509.request;

import dev.countersign.x509.Bytes;
import java.util.Objects;

/**
 * One extension the requestor asks for.
 *
 * @param oid its identifier in dotted form
 * @param critical as encoded
 * @param value the content of its octet string, which is DER for every extension that is known
 */
public record RequestedExtension(String oid, boolean critical, Bytes value) {
  /** id-ce-subjectAltName. */
  public static final String SUBJECT_ALT_NAME = "2.5.29.17";

  /** id-ce-basicConstraints. */
  public static final String BASIC_CONSTRAINTS = "2.5.29.19";

  /** id-ce-keyUsage. */
  public static final String KEY_USAGE = "2.5.29.15";

  /** id-ce-extKeyUsage. */
  public static final String EXTENDED_KEY_USAGE = "2.5.29.37";

  public RequestedExtension {
    Objects.requireNonNull(oid, "oid");
    Objects.requireNonNull(value, "value");
  }
}
