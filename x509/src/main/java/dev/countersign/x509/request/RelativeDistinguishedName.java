package dev.countersign.x509.request;

import java.util.List;

/**
 * One step of a distinguished name: nearly always a single attribute.
 *
 * @param attributes one or more, in the order of their encoding
 */
public record RelativeDistinguishedName(List<NameAttribute> attributes) {
  public RelativeDistinguishedName {
    attributes = List.copyOf(attributes);
    if (attributes.isEmpty()) {
      throw new IllegalArgumentException("attributes: got none; want at least one");
    }
  }
}
