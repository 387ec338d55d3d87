package dev.countersign.x509.request;

import java.util.List;
import java.util.Optional;

/** The ASN.1 types a name's value may be written in (RFC 5280, section 4.1.2.4), and any other. */
public enum StringType {
  /** UTF8String. */
  UTF8(12),
  /** NumericString. */
  NUMERIC(18),
  /** PrintableString. */
  PRINTABLE(19),
  /** TeletexString, read as ISO 8859-1 as most do; no reader agrees with the standard. */
  TELETEX(20),
  /** IA5String. */
  IA5(22),
  /** VisibleString. */
  VISIBLE(26),
  /** UniversalString, four bytes a character. */
  UNIVERSAL(28),
  /** BMPString, two bytes a character. */
  BMP(30),
  /** Not a string; its value is shown as the hexadecimal form of its encoding. */
  OTHER(-1);

  private static final List<StringType> ALL = List.of(values());

  private final int tagNumber;

  StringType(int tagNumber) {
    this.tagNumber = tagNumber;
  }

  static Optional<StringType> ofTagNumber(int number) {
    for (StringType type : ALL) {
      if (type.tagNumber == number && type != OTHER) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
