package dev.countersign.x509.request;

import dev.countersign.x509.Bytes;
import java.util.List;
import java.util.Objects;

/**
 * A distinguished name as encoded.
 *
 * @param encoded the Name in DER
 * @param rdns its steps in the order of their encoding
 */
public record DistinguishedName(Bytes encoded, List<RelativeDistinguishedName> rdns) {
  public DistinguishedName {
    Objects.requireNonNull(encoded, "encoded");
    rdns = List.copyOf(rdns);
  }

  /**
   * A name of organizations and one common name, encoded as Go's crypto/x509 does: organizations
   * first, all in one RDN; PrintableString where the text allows it, else UTF8String.
   *
   * @param organizations may be empty
   */
  public static DistinguishedName of(List<String> organizations, String commonName) {
    return dev.countersign.x509.UnderConstruction.todo();
  }

  /** All attributes in order, whatever step they belong to. */
  public List<NameAttribute> attributes() {
    return rdns.stream().flatMap(rdn -> rdn.attributes().stream()).toList();
  }

  /** The values of one attribute type in order. */
  public List<String> values(String oid) {
    return attributes().stream()
        .filter(attribute -> attribute.oid().equals(oid))
        .map(NameAttribute::value)
        .toList();
  }

  /** For people: {@code O=system:nodes, CN=system:node:a}, values quoted where they need it. */
  @Override
  public String toString() {
    return attributes().stream()
        .map(attribute -> attribute.oid() + "=" + attribute.value())
        .toList()
        .toString();
  }
}
