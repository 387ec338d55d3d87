package dev.countersign.x509.der;

import dev.countersign.common.Bytes;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One value of DER with all that it contains, checked in full when it was parsed.
 *
 * <p>Immutable. Universal types are held to X.690's rules for DER at every depth; values of context
 * tags are opaque where they are primitive, since only their schema knows their type.
 */
public final class DerValue {
  /** Deeper nesting is refused; a certificate needs about ten. */
  public static final int MAX_DEPTH = 24;

  /** The class of types that every schema shares. */
  public static final int UNIVERSAL = 0;

  /** The class of types that the surrounding type defines. */
  public static final int CONTEXT = 2;

  private final byte[] data;
  private final int start;
  private final int contentStart;
  private final int end;
  private final int tagClass;
  private final int tagNumber;
  private final boolean constructed;
  private final List<DerValue> children;

  private DerValue(
      byte[] data,
      int start,
      int contentStart,
      int end,
      int tagClass,
      int tagNumber,
      boolean constructed,
      List<DerValue> children) {
    this.data = data;
    this.start = start;
    this.contentStart = contentStart;
    this.end = end;
    this.tagClass = tagClass;
    this.tagNumber = tagNumber;
    this.constructed = constructed;
    this.children = children;
  }

  /**
   * Parses exactly one value and nothing after it.
   *
   * @throws DerException where the input is not DER, at the first byte that is not
   */
  public static DerValue parse(Bytes input) throws DerException {
    byte[] data = input.toByteArray();
    DerValue value = parseAt(data, 0, data.length, 1);
    if (value.end != data.length) {
      throw new DerException(
          "byte " + value.end, (data.length - value.end) + " bytes after the value", "nothing");
    }
    return value;
  }

  /**
   * Parses exactly one value and nothing after it.
   *
   * @param path where the input stands, put before the position in the error
   */
  public static DerValue parse(String path, Bytes input) throws DerException {
    try {
      return parse(input);
    } catch (DerException e) {
      throw new DerException(path + " " + e.path(), e.got(), e.want());
    }
  }

  private static DerValue parseAt(byte[] data, int start, int limit, int depth)
      throws DerException {
    if (depth > MAX_DEPTH) {
      throw fault(start, "nesting deeper than " + MAX_DEPTH, "at most that");
    }
    int position = start;
    if (position >= limit) {
      throw fault(position, "the end", "a value");
    }
    int identifier = data[position++] & 0xff;
    int tagClass = identifier >> 6;
    boolean constructed = (identifier & 0x20) != 0;
    int tagNumber = identifier & 0x1f;
    if (tagNumber == 0x1f) {
      tagNumber = 0;
      int octet;
      do {
        if (position >= limit) {
          throw fault(position, "the end", "the rest of a tag");
        }
        octet = data[position++] & 0xff;
        if (tagNumber == 0 && octet == 0x80) {
          throw fault(start, "a tag with leading zeros", "the shortest form");
        }
        if (tagNumber > (Integer.MAX_VALUE >> 7)) {
          throw fault(start, "a tag number above 2^31 - 1", "a smaller one");
        }
        tagNumber = (tagNumber << 7) | (octet & 0x7f);
      } while ((octet & 0x80) != 0);
      if (tagNumber < 0x1f) {
        throw fault(start, "a long tag for number " + tagNumber, "the shortest form");
      }
    }
    if (position >= limit) {
      throw fault(position, "the end", "a length");
    }
    int lengthStart = position;
    int length = data[position++] & 0xff;
    if (length == 0x80) {
      throw fault(lengthStart, "an indefinite length", "a definite one");
    }
    if (length > 0x80) {
      int octets = length & 0x7f;
      if (octets > 4) {
        throw fault(lengthStart, "a length of " + octets + " bytes", "at most 4");
      }
      if (limit - position < octets) {
        throw fault(position, "the end", "the rest of a length");
      }
      long longLength = 0;
      for (int i = 0; i < octets; i++) {
        longLength = (longLength << 8) | (data[position++] & 0xff);
      }
      if (longLength < 0x80 || longLength < (1L << (8 * (octets - 1)))) {
        throw fault(
            lengthStart,
            "length " + longLength + " written in " + octets + " bytes",
            "the shortest form");
      }
      if (longLength > limit - position) {
        throw fault(
            lengthStart, "length " + longLength, "at most the " + (limit - position) + " left");
      }
      length = (int) longLength;
    } else if (length > limit - position) {
      throw fault(lengthStart, "length " + length, "at most the " + (limit - position) + " left");
    }
    int contentStart = position;
    int end = contentStart + length;
    List<DerValue> children = List.of();
    if (constructed) {
      children = new ArrayList<>(4);
      while (position < end) {
        DerValue child = parseAt(data, position, end, depth + 1);
        children.add(child);
        position = child.end;
      }
      children = Collections.unmodifiableList(children);
    }
    DerValue value =
        new DerValue(data, start, contentStart, end, tagClass, tagNumber, constructed, children);
    if (tagClass == UNIVERSAL) {
      value.checkUniversal();
    }
    return value;
  }

  private static DerException fault(int offset, String got, String want) {
    return new DerException("byte " + offset, got, want);
  }

  private void checkUniversal() throws DerException {
    boolean mustBeConstructed = tagNumber == DerTag.SEQUENCE || tagNumber == DerTag.SET;
    if (constructed != mustBeConstructed) {
      throw fault(
          start,
          "a " + (constructed ? "constructed " : "primitive ") + DerTag.name(tagNumber),
          mustBeConstructed ? "a constructed one" : "a primitive one");
    }
    switch (tagNumber) {
      case DerTag.SEQUENCE, DerTag.OCTET_STRING, DerTag.TELETEX_STRING -> {}
      case DerTag.BOOLEAN -> {
        if (length() != 1) {
          throw fault(contentStart, "a BOOLEAN of " + length() + " bytes", "one byte, 00 or ff");
        }
        if (data[contentStart] != 0 && data[contentStart] != (byte) 0xff) {
          throw fault(contentStart, "BOOLEAN " + content().toHex(), "00 or ff");
        }
      }
      case DerTag.INTEGER -> {
        if (length() == 0) {
          throw fault(contentStart, "an INTEGER without bytes", "at least one");
        }
        if (length() > 1
            && ((data[contentStart] == 0 && data[contentStart + 1] >= 0)
                || (data[contentStart] == -1 && data[contentStart + 1] < 0))) {
          throw fault(
              contentStart, "an INTEGER with leading bytes it needs not", "the shortest form");
        }
      }
      case DerTag.BIT_STRING -> {
        if (length() == 0) {
          throw fault(contentStart, "a BIT STRING without bytes", "the number of unused bits");
        }
        int unused = data[contentStart] & 0xff;
        if (unused > 7 || (unused > 0 && length() == 1)) {
          throw fault(contentStart, unused + " unused bits", "0 to 7, and 0 for no bits");
        }
        if ((data[end - 1] & ((1 << unused) - 1)) != 0 && length() > 1) {
          throw fault(end - 1, "unused bits that are set", "zeros");
        }
      }
      case DerTag.NULL -> {
        if (length() != 0) {
          throw fault(contentStart, "a NULL with content", "none");
        }
      }
      case DerTag.OBJECT_IDENTIFIER -> checkObjectIdentifier();
      case DerTag.SET -> checkSorted();
      case DerTag.UTF8_STRING,
          DerTag.NUMERIC_STRING,
          DerTag.PRINTABLE_STRING,
          DerTag.IA5_STRING,
          DerTag.VISIBLE_STRING,
          DerTag.UNIVERSAL_STRING,
          DerTag.BMP_STRING ->
          checkCharacters();
      case DerTag.UTC_TIME -> checkTime(12, "YYMMDDHHMMSSZ");
      case DerTag.GENERALIZED_TIME -> checkTime(14, "YYYYMMDDHHMMSSZ");
      // Of other types this reader knows no rules, so it could not tell DER from what is not.
      default -> throw fault(start, DerTag.name(tagNumber), "a type that certificates are made of");
    }
  }

  /** RFC 5280, section 4.1.2.5: seconds always, fractions and zones other than Z never. */
  private void checkTime(int digits, String form) throws DerException {
    boolean matches = length() == digits + 1 && data[end - 1] == 'Z';
    for (int i = contentStart; matches && i < end - 1; i++) {
      matches = data[i] >= '0' && data[i] <= '9';
    }
    if (!matches) {
      throw fault(contentStart, DerTag.name(tagNumber) + " " + content(), form);
    }
  }

  private void checkObjectIdentifier() throws DerException {
    if (length() == 0 || (data[end - 1] & 0x80) != 0) {
      throw fault(contentStart, "an OBJECT IDENTIFIER that ends early", "all of it");
    }
    boolean first = true;
    int octets = 0;
    for (int i = contentStart; i < end; i++) {
      if (first && data[i] == (byte) 0x80) {
        throw fault(i, "an OBJECT IDENTIFIER with leading zeros", "the shortest form");
      }
      first = (data[i] & 0x80) == 0;
      octets = first ? 0 : octets + 1;
      if (octets > 8) {
        throw fault(i, "an OBJECT IDENTIFIER with an arc above 2^63", "a smaller one");
      }
    }
  }

  private void checkSorted() throws DerException {
    for (int i = 1; i < children.size(); i++) {
      DerValue left = children.get(i - 1);
      DerValue right = children.get(i);
      if (Arrays.compareUnsigned(data, left.start, left.end, data, right.start, right.end) > 0) {
        throw fault(right.start, "a SET out of order", "its elements in ascending order");
      }
    }
  }

  private void checkCharacters() throws DerException {
    if (!isText()) {
      throw fault(
          contentStart, DerTag.name(tagNumber) + " " + content(), "characters of that type only");
    }
  }

  private boolean isText() {
    return switch (tagNumber) {
      case DerTag.NUMERIC_STRING,
          DerTag.PRINTABLE_STRING,
          DerTag.IA5_STRING,
          DerTag.VISIBLE_STRING ->
          isAllowed();
      case DerTag.UTF8_STRING -> isAllowed() || stringValue() != null;
      default -> stringValue() != null;
    };
  }

  /** Whether every byte is a character of its type; for UTF8String, one of ASCII. */
  private boolean isAllowed() {
    for (int i = contentStart; i < end; i++) {
      if (!isAllowed(tagNumber, data[i])) {
        return false;
      }
    }
    return true;
  }

  private @Nullable String stringValue() {
    return switch (tagNumber) {
      case DerTag.UTF8_STRING -> utf8();
      case DerTag.NUMERIC_STRING,
          DerTag.PRINTABLE_STRING,
          DerTag.IA5_STRING,
          DerTag.VISIBLE_STRING ->
          ascii();
      case DerTag.TELETEX_STRING ->
          new String(data, contentStart, length(), StandardCharsets.ISO_8859_1);
      case DerTag.BMP_STRING -> codePoints(2);
      case DerTag.UNIVERSAL_STRING -> codePoints(4);
      default -> null;
    };
  }

  private @Nullable String utf8() {
    if (isAllowed()) {
      return new String(data, contentStart, length(), StandardCharsets.US_ASCII);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(data, contentStart, length()))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private @Nullable String ascii() {
    return isAllowed() ? new String(data, contentStart, length(), StandardCharsets.US_ASCII) : null;
  }

  /** Text of fixed-size code points; surrogates are no characters, not even in pairs. */
  private @Nullable String codePoints(int octets) {
    if (length() % octets != 0) {
      return null;
    }
    StringBuilder text = new StringBuilder(length() / octets);
    for (int i = contentStart; i < end; i += octets) {
      long codePoint = 0;
      for (int j = 0; j < octets; j++) {
        codePoint = (codePoint << 8) | (data[i + j] & 0xff);
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

  /** The class of its tag: 0 universal, 1 application, 2 context, 3 private. */
  public int tagClass() {
    return tagClass;
  }

  /** The number of its tag within the class. */
  public int tagNumber() {
    return tagNumber;
  }

  /** Whether it is made of other values. */
  public boolean isConstructed() {
    return constructed;
  }

  /** Whether it is of a universal type; see {@link DerTag}. */
  public boolean is(int universalTagNumber) {
    return tagClass == UNIVERSAL && tagNumber == universalTagNumber;
  }

  /** Whether it bears a context tag of this number. */
  public boolean isContext(int number) {
    return tagClass == CONTEXT && tagNumber == number;
  }

  /** The values it is made of, in order; none where it is primitive. */
  public List<DerValue> children() {
    return children;
  }

  /** Number of bytes of its content. */
  public int length() {
    return end - contentStart;
  }

  /** Its content without tag and length. */
  public Bytes content() {
    return Bytes.copyOfRange(data, contentStart, end);
  }

  /** All of it, tag and length included. */
  public Bytes encoded() {
    return Bytes.copyOfRange(data, start, end);
  }

  /** Its kind in words, such as {@code SEQUENCE} or {@code [0]}. */
  public String kind() {
    return switch (tagClass) {
      case UNIVERSAL -> DerTag.name(tagNumber);
      case CONTEXT -> "[" + tagNumber + "]";
      case 1 -> "[APPLICATION " + tagNumber + "]";
      default -> "[PRIVATE " + tagNumber + "]";
    };
  }

  /**
   * Its children where it is of a universal type with a number of children between two bounds.
   *
   * @param path where it is, for the error
   */
  public List<DerValue> childrenOf(String path, int universalTagNumber, int atLeast, int atMost)
      throws DerException {
    if (!is(universalTagNumber)) {
      throw new DerException(path, kind(), DerTag.name(universalTagNumber));
    }
    if (children.size() < atLeast || children.size() > atMost) {
      throw new DerException(
          path,
          children.size() + " elements",
          atLeast == atMost
              ? "exactly " + atLeast
              : atMost == Integer.MAX_VALUE ? "at least " + atLeast : atLeast + " to " + atMost);
    }
    return children;
  }

  /** Its content where it is of a universal type. */
  public Bytes contentOf(String path, int universalTagNumber) throws DerException {
    if (!is(universalTagNumber)) {
      throw new DerException(path, kind(), DerTag.name(universalTagNumber));
    }
    return content();
  }

  /** The value of an INTEGER. */
  public BigInteger integer(String path) throws DerException {
    if (!is(DerTag.INTEGER)) {
      throw new DerException(path, kind(), DerTag.name(DerTag.INTEGER));
    }
    return new BigInteger(data, contentStart, length());
  }

  /** The value of a BOOLEAN. */
  public boolean bool(String path) throws DerException {
    return contentOf(path, DerTag.BOOLEAN).at(0) != 0;
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  public String oid(String path) throws DerException {
    if (!is(DerTag.OBJECT_IDENTIFIER)) {
      throw new DerException(path, kind(), DerTag.name(DerTag.OBJECT_IDENTIFIER));
    }
    StringBuilder dotted = new StringBuilder(24);
    long arc = 0;
    boolean first = true;
    for (int i = contentStart; i < end; i++) {
      arc = (arc << 7) | (data[i] & 0x7f);
      if ((data[i] & 0x80) == 0) {
        if (first) {
          long top = Math.min(arc / 40, 2);
          dotted.append(top).append('.').append(arc - 40 * top);
          first = false;
        } else {
          dotted.append('.').append(arc);
        }
        arc = 0;
      }
    }
    return dotted.toString();
  }

  /** The bytes of a BIT STRING whose number of bits is a multiple of eight. */
  public Bytes octetsOfBitString(String path) throws DerException {
    if (!is(DerTag.BIT_STRING)) {
      throw new DerException(path, kind(), DerTag.name(DerTag.BIT_STRING));
    }
    if (data[contentStart] != 0) {
      throw new DerException(path, data[contentStart] + " unused bits", "whole bytes");
    }
    return Bytes.copyOfRange(data, contentStart + 1, end);
  }

  /** The text of a value of one of the universal string types. */
  public String text(String path) throws DerException {
    String text = tagClass == UNIVERSAL ? stringValue() : null;
    if (text == null) {
      throw new DerException(path, kind(), "a string");
    }
    return text;
  }
}
