package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import java.util.ArrayList;
import java.util.List;
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

  /**
   * Reads Extensions, the value of an extensionRequest attribute and of a certificate's field.
   *
   * @param path where it stands, for the error
   */
  public static List<RequestedExtension> readAll(String path, DerValue extensions)
      throws DerException {
    List<RequestedExtension> all = new ArrayList<>(1);
    for (DerValue extension : extensions.childrenOf(path, DerTag.SEQUENCE, 1, Integer.MAX_VALUE)) {
      try {
        all.add(read(extension));
      } catch (DerException e) {
        throw e.within(path + "[" + all.size() + "]");
      }
    }
    return List.copyOf(all);
  }

  private static RequestedExtension read(DerValue extension) throws DerException {
    List<DerValue> fields = extension.childrenOf("", DerTag.SEQUENCE, 2, 3);
    boolean critical = fields.size() == 3;
    if (critical && !fields.get(1).bool(".critical")) {
      throw new DerException(".critical", "FALSE", "its default left out, as DER wants it");
    }
    return new RequestedExtension(
        fields.get(0).oid(".id"),
        critical,
        fields.getLast().contentOf(".value", DerTag.OCTET_STRING));
  }
}
