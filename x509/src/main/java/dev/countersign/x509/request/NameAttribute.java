package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import java.util.Objects;

/**
 * One attribute of a distinguished name.
 *
 * @param oid its type in dotted form, such as {@value #COMMON_NAME}
 * @param type the string type it was written in
 * @param value its text, unescaped: may hold control characters and anything else
 * @param encoded the value with its tag, as it stands in the request
 */
public record NameAttribute(String oid, StringType type, String value, Bytes encoded) {
  /** id-at-commonName. */
  public static final String COMMON_NAME = "2.5.4.3";

  /** id-at-organizationName. */
  public static final String ORGANIZATION = "2.5.4.10";

  public NameAttribute {
    Objects.requireNonNull(oid, "oid");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(encoded, "encoded");
  }
}
