package dev.countersign.x509.request;

import dev.countersign.common.Bytes;
import dev.countersign.common.text.SafeText;
import dev.countersign.x509.der.DerException;
import dev.countersign.x509.der.DerTag;
import dev.countersign.x509.der.DerValue;
import dev.countersign.x509.der.DerWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

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
    List<byte[]> sets = new ArrayList<>();
    if (!organizations.isEmpty()) {
      List<byte[]> elements = new ArrayList<>();
      for (String organization : organizations) {
        elements.add(attribute(NameAttribute.ORGANIZATION, organization));
      }
      sets.add(DerWriter.setOf(elements));
    }
    sets.add(DerWriter.setOf(List.of(attribute(NameAttribute.COMMON_NAME, commonName))));
    try {
      return read("name", DerValue.parse(Bytes.copyOf(DerWriter.sequence(sets))));
    } catch (DerException e) {
      throw new AssertionError("what was just written can be read", e);
    }
  }

  private static byte[] attribute(String oid, String text) {
    return DerWriter.sequence(DerWriter.oid(oid), DerWriter.directoryString(text));
  }

  /**
   * Reads a Name.
   *
   * @param path where it stands, for the error
   */
  public static DistinguishedName read(String path, DerValue name) throws DerException {
    List<RelativeDistinguishedName> rdns = new ArrayList<>(2);
    for (DerValue rdn : name.childrenOf(path, DerTag.SEQUENCE, 0, Integer.MAX_VALUE)) {
      try {
        rdns.add(relative(rdn));
      } catch (DerException e) {
        throw e.within(path + "[" + rdns.size() + "]");
      }
    }
    return new DistinguishedName(name.encoded(), rdns);
  }

  private static RelativeDistinguishedName relative(DerValue rdn) throws DerException {
    List<NameAttribute> attributes = new ArrayList<>(1);
    for (DerValue attribute : rdn.childrenOf("", DerTag.SET, 1, Integer.MAX_VALUE)) {
      try {
        attributes.add(attribute(attribute));
      } catch (DerException e) {
        throw e.within("[" + attributes.size() + "]");
      }
    }
    return new RelativeDistinguishedName(attributes);
  }

  private static NameAttribute attribute(DerValue attribute) throws DerException {
    List<DerValue> pair = attribute.childrenOf("", DerTag.SEQUENCE, 2, 2);
    DerValue value = pair.get(1);
    StringType type =
        value.tagClass() == DerValue.UNIVERSAL
            ? StringType.ofTagNumber(value.tagNumber()).orElse(StringType.OTHER)
            : StringType.OTHER;
    Bytes encoded = value.encoded();
    return new NameAttribute(
        pair.get(0).oid(".type"),
        type,
        type == StringType.OTHER ? encoded.toHex() : value.text(".value"),
        encoded);
  }

  /** All attributes in order, whatever step they belong to. */
  public List<NameAttribute> attributes() {
    return rdns.stream().flatMap(rdn -> rdn.attributes().stream()).toList();
  }

  /** The values of one attribute type in order. */
  public List<String> values(String oid) {
    List<String> values = new ArrayList<>(1);
    for (RelativeDistinguishedName rdn : rdns) {
      for (NameAttribute attribute : rdn.attributes()) {
        if (attribute.oid().equals(oid)) {
          values.add(attribute.value());
        }
      }
    }
    return Collections.unmodifiableList(values);
  }

  /** For people: {@code O="system:nodes", CN="system:node:a"}, values escaped and cut. */
  @Override
  public String toString() {
    return rdns.stream()
        .map(
            rdn ->
                rdn.attributes().stream()
                    .map(
                        attribute ->
                            shortName(attribute.oid()) + "=" + SafeText.quote(attribute.value()))
                    .collect(Collectors.joining(" + ")))
        .collect(Collectors.joining(", "));
  }

  private static String shortName(String oid) {
    return switch (oid) {
      case NameAttribute.COMMON_NAME -> "CN";
      case NameAttribute.ORGANIZATION -> "O";
      case "2.5.4.11" -> "OU";
      case "2.5.4.6" -> "C";
      case "2.5.4.5" -> "serialNumber";
      case "2.5.4.7" -> "L";
      case "2.5.4.8" -> "ST";
      default -> oid;
    };
  }
}
