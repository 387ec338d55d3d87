package dev.countersign.x509.der;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Decodes the universal string types (X.680, section 41), each with its own characters. */
final class DerStrings {
  private DerStrings() {}

  /** Whether every character is one of its type. */
  static boolean isText(DerValue value) {
    return switch (value.tagNumber()) {
      case DerTag.NUMERIC_STRING,
          DerTag.PRINTABLE_STRING,
          DerTag.IA5_STRING,
          DerTag.VISIBLE_STRING ->
          isAllowed(value);
      case DerTag.UTF8_STRING -> isAllowed(value) || text(value) != null;
      default -> text(value) != null;
    };
  }

  /** Whether every byte is a character of its type; for UTF8String, one of ASCII. */
  private static boolean isAllowed(DerValue value) {
    for (int i = value.contentStart; i < value.end; i++) {
      if (!isAllowed(value.tagNumber(), value.data[i])) {
        return false;
      }
    }
    return true;
  }

  /** The text of a value of a universal string type; null where it is of another, or malformed. */
  static @Nullable String text(DerValue value) {
    return switch (value.tagNumber()) {
      case DerTag.UTF8_STRING -> utf8(value);
      case DerTag.NUMERIC_STRING,
          DerTag.PRINTABLE_STRING,
          DerTag.IA5_STRING,
          DerTag.VISIBLE_STRING ->
          ascii(value);
      case DerTag.TELETEX_STRING ->
          new String(value.data, value.contentStart, value.length(), StandardCharsets.ISO_8859_1);
      case DerTag.BMP_STRING -> codePoints(value, 2);
      case DerTag.UNIVERSAL_STRING -> codePoints(value, 4);
      default -> null;
    };
  }

  private static @Nullable String utf8(DerValue value) {
    if (isAllowed(value)) {
      return new String(value.data, value.contentStart, value.length(), StandardCharsets.US_ASCII);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(value.data, value.contentStart, value.length()))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static @Nullable String ascii(DerValue value) {
    return isAllowed(value)
        ? new String(value.data, value.contentStart, value.length(), StandardCharsets.US_ASCII)
        : null;
  }

  /** Text of fixed-size code points; surrogates are no characters, not even in pairs. */
  private static @Nullable String codePoints(DerValue value, int octets) {
    if (value.length() % octets != 0) {
      return null;
    }
    StringBuilder text = new StringBuilder(value.length() / octets);
    for (int i = value.contentStart; i < value.end; i += octets) {
      long codePoint = 0;
      for (int j = 0; j < octets; j++) {
        codePoint = (codePoint << 8) | (value.data[i + j] & 0xff);
      }
      if (codePoint > Character.MAX_CODE_POINT || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
        return null;
      }
      text.appendCodePoint((int) codePoint);
    }
    return text.toString();
  }

  private static boolean isAllowed(int tagNumber, byte b) {
    return switch (tagNumber) {
      case DerTag.NUMERIC_STRING -> (b >= '0' && b <= '9') || b == ' ';
      case DerTag.PRINTABLE_STRING ->
          (b >= 'a' && b <= 'z')
              || (b >= 'A' && b <= 'Z')
              || (b >= '0' && b <= '9')
              || " '()+,-./:=?".indexOf(b) >= 0;
      case DerTag.VISIBLE_STRING -> b >= 0x20 && b <= 0x7e;
      default -> b >= 0;
    };
  }
}
