package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import java.util.List;
import java.util.Objects;

/**
 * One attribute of a certificate request (RFC 2986, section 4.1).
 *
 * @param oid its type in dotted form
 * @param values the encodings of its values; usually one
 */
public record RequestAttribute(String oid, List<Bytes> values) {
  /** pkcs-9-at-extensionRequest, the only attribute a kubelet sends. */
  public static final String EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

  /** pkcs-9-at-challengePassword. */
  public static final String CHALLENGE_PASSWORD = "1.2.840.113549.1.9.7";

  public RequestAttribute {
    Objects.requireNonNull(oid, "oid");
    values = List.copyOf(values);
  }
}
