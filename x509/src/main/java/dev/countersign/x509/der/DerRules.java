package dev.countersign.x509.der;

import java.util.Arrays;

/** The rules of DER for the content of universal types (X.690, sections 8 and 11). */
final class DerRules {
  private DerRules() {}

  /** Checks a value of a universal type; what it contains was checked before. */
  static void check(DerValue value) throws DerException {
    boolean mustBeConstructed =
        value.tagNumber() == DerTag.SEQUENCE || value.tagNumber() == DerTag.SET;
    if (value.isConstructed() != mustBeConstructed) {
      throw DerException.at(
          value.start,
          "a "
              + (value.isConstructed() ? "constructed " : "primitive ")
              + DerTag.name(value.tagNumber()),
          mustBeConstructed ? "a constructed one" : "a primitive one");
    }
    switch (value.tagNumber()) {
      case DerTag.SEQUENCE, DerTag.OCTET_STRING, DerTag.TELETEX_STRING -> {}
      case DerTag.BOOLEAN -> {
        if (value.length() != 1) {
          throw DerException.at(
              value.contentStart,
              "a BOOLEAN of " + value.length() + " bytes",
              "one byte, 00 or ff");
        }
        if (value.data[value.contentStart] != 0 && value.data[value.contentStart] != (byte) 0xff) {
          throw DerException.at(
              value.contentStart, "BOOLEAN " + value.content().toHex(), "00 or ff");
        }
      }
      case DerTag.INTEGER -> {
        if (value.length() == 0) {
          throw DerException.at(value.contentStart, "an INTEGER without bytes", "at least one");
        }
        if (value.length() > 1
            && ((value.data[value.contentStart] == 0 && value.data[value.contentStart + 1] >= 0)
                || (value.data[value.contentStart] == -1
                    && value.data[value.contentStart + 1] < 0))) {
          throw DerException.at(
              value.contentStart,
              "an INTEGER with leading bytes it needs not",
              "the shortest form");
        }
      }
      case DerTag.BIT_STRING -> {
        if (value.length() == 0) {
          throw DerException.at(
              value.contentStart, "a BIT STRING without bytes", "the number of unused bits");
        }
        int unused = value.data[value.contentStart] & 0xff;
        if (unused > 7 || (unused > 0 && value.length() == 1)) {
          throw DerException.at(
              value.contentStart, unused + " unused bits", "0 to 7, and 0 for no bits");
        }
        if ((value.data[value.end - 1] & ((1 << unused) - 1)) != 0 && value.length() > 1) {
          throw DerException.at(value.end - 1, "unused bits that are set", "zeros");
        }
      }
      case DerTag.NULL -> {
        if (value.length() != 0) {
          throw DerException.at(value.contentStart, "a NULL with content", "none");
        }
      }
      case DerTag.OBJECT_IDENTIFIER -> checkObjectIdentifier(value);
      case DerTag.SET -> checkSorted(value);
      case DerTag.UTF8_STRING,
          DerTag.NUMERIC_STRING,
          DerTag.PRINTABLE_STRING,
          DerTag.IA5_STRING,
          DerTag.VISIBLE_STRING,
          DerTag.UNIVERSAL_STRING,
          DerTag.BMP_STRING ->
          checkCharacters(value);
      case DerTag.UTC_TIME -> checkTime(value, 12, "YYMMDDHHMMSSZ");
      case DerTag.GENERALIZED_TIME -> checkTime(value, 14, "YYYYMMDDHHMMSSZ");
      // Of other types this reader knows no rules, so it could not tell DER from what is not.
      default ->
          throw DerException.at(
              value.start, DerTag.name(value.tagNumber()), "a type that certificates are made of");
    }
  }

  /** RFC 5280, section 4.1.2.5: seconds always, fractions and zones other than Z never. */
  private static void checkTime(DerValue value, int digits, String form) throws DerException {
    boolean matches = value.length() == digits + 1 && value.data[value.end - 1] == 'Z';
    for (int i = value.contentStart; matches && i < value.end - 1; i++) {
      matches = value.data[i] >= '0' && value.data[i] <= '9';
    }
    if (!matches) {
      throw DerException.at(
          value.contentStart, DerTag.name(value.tagNumber()) + " " + value.content(), form);
    }
  }

  private static void checkObjectIdentifier(DerValue value) throws DerException {
    if (value.length() == 0 || (value.data[value.end - 1] & 0x80) != 0) {
      throw DerException.at(
          value.contentStart, "an OBJECT IDENTIFIER that ends early", "all of it");
    }
    boolean first = true;
    int octets = 0;
    for (int i = value.contentStart; i < value.end; i++) {
      if (first && value.data[i] == (byte) 0x80) {
        throw DerException.at(i, "an OBJECT IDENTIFIER with leading zeros", "the shortest form");
      }
      first = (value.data[i] & 0x80) == 0;
      octets = first ? 0 : octets + 1;
      if (octets > 8) {
        throw DerException.at(i, "an OBJECT IDENTIFIER with an arc above 2^63", "a smaller one");
      }
    }
  }

  private static void checkSorted(DerValue value) throws DerException {
    for (int i = 1; i < value.children().size(); i++) {
      DerValue left = value.children().get(i - 1);
      DerValue right = value.children().get(i);
      if (Arrays.compareUnsigned(
              value.data, left.start, left.end, value.data, right.start, right.end)
          > 0) {
        throw DerException.at(right.start, "a SET out of order", "its elements in ascending order");
      }
    }
  }

  private static void checkCharacters(DerValue value) throws DerException {
    if (!DerStrings.isText(value)) {
      throw DerException.at(
          value.contentStart,
          DerTag.name(value.tagNumber()) + " " + value.content(),
          "characters of that type only");
    }
  }
}
